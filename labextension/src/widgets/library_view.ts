/** The library: searched as one types, each thing with its card and the code that uses it. */
import { MaestroError } from '../api/errors.js';
import { el, say } from './dom.js';
import { Superseded } from './exchange.js';
import { insert } from './inserting.js';
import { type Host } from './mount.js';
import { many } from './numbers.js';
import { Panel } from './panel.js';

interface Hit {
  reference: string;
  type: string;
  description: string;
  tags: string[];
  owner: string;
  why: string[];
  code: string;
}

interface Found {
  hits: Hit[];
  total: number;
  types: { name: string; count: number }[];
  note: string;
}

interface State {
  query?: string;
  type?: string;
}

/** After how many milliseconds without a key a text is looked for. */
const SETTLED = 200;
const FIRST = 20;
const MOST = 100;

export class LibraryView {
  private limit = FIRST;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly query = el('input', {
    type: 'search',
    class: 'maestro-query',
    placeholder: 'Search the library',
    'aria-label': 'Search the library',
    spellcheck: 'false'
  });
  private readonly type = el('select', { 'aria-label': 'Type' });
  private readonly list = el('ul', { class: 'maestro-hits' });
  private readonly more = el('button', { type: 'button', hidden: true }, 'Show more');
  private readonly panel = new Panel();
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly said = el('span', { role: 'status' });
  private readonly waiting = el('span', { role: 'status', class: 'maestro-quiet' });

  constructor(private readonly host: Host) {
    const state = host.state as State;
    const given = host.given as { query: string; type: string | null };
    this.query.value = state.query ?? given.query;
    this.showTypes([], state.type ?? given.type ?? '');
    this.query.addEventListener('input', () => {
      this.limit = FIRST;
      clearTimeout(this.timer);
      this.timer = setTimeout(this.search, SETTLED);
    });
    this.type.addEventListener('change', this.search);
    this.more.addEventListener('click', () => {
      this.limit = MOST;
      this.search();
    });
    const bar = el('div', { class: 'maestro-bar', role: 'search' }, this.query, this.type);
    const line = el('div', { class: 'maestro-bar maestro-line' }, this.said, this.more, this.waiting);
    host.root.append(bar, this.wrong, this.list, line, this.panel.element);
    this.search();
  }

  /** Says whether answers take long. */
  readonly tellLate = (late: boolean): void => {
    say(this.waiting, late ? 'Waiting for the kernel…' : '');
  };

  private readonly search = (): void => {
    const type = this.type.value === '' ? null : this.type.value;
    const question = { query: this.query.value, type, limit: this.limit };
    this.act(async () => {
      const { said } = await this.host.exchange.newestOf<Found>('search', question);
      say(this.wrong, '');
      this.show(said);
      this.host.keep({ query: question.query, type: type ?? '' });
    });
  };

  private show({ hits, total, types, note }: Found): void {
    if (this.type.value === '') this.showTypes(types, '');
    this.list.replaceChildren(...hits.map(hit => this.item(hit)));
    this.more.hidden = hits.length >= Math.min(total, MOST);
    const shown = hits.length < total ? `The first ${String(hits.length)} of ` : '';
    say(this.said, `${shown}${many(total, 'artifact')}. ${note}`.trim());
  }

  private showTypes(types: Found['types'], chosen: string): void {
    const names = new Map(types.map(({ name, count }) => [name, `${name} (${String(count)})`]));
    if (chosen !== '' && !names.has(chosen)) names.set(chosen, chosen);
    const options = [...names].map(([value, text]) => el('option', { value }, text));
    this.type.replaceChildren(el('option', { value: '' }, 'all types'), ...options);
    this.type.value = chosen;
  }

  private item(hit: Hit): HTMLElement {
    const look = (): void => {
      this.act(async () => {
        const question = { reference: hit.reference };
        const { said } = await this.host.exchange.newestOf<{ html: string }>('card', question);
        this.panel.show(hit.reference, said.html);
      });
    };
    const put = (): void => {
      void insert(hit.code, this.list).then(done => {
        say(this.said, done);
      });
    };
    const about = [hit.type, ...hit.tags, `by ${hit.owner}`].join(' · ');
    const why = hit.why.length === 0 ? [] : [el('div', { class: 'maestro-quiet' }, hit.why.join('; '))];
    return el(
      'li',
      { class: 'maestro-hit' },
      el(
        'div',
        { class: 'maestro-about' },
        el('div', { class: 'maestro-title' }, hit.reference),
        el('div', {}, hit.description),
        el('div', { class: 'maestro-quiet' }, about),
        ...why
      ),
      el('button', { type: 'button', onclick: look, 'aria-label': `Preview ${hit.reference}` }, 'Preview'),
      el('button', { type: 'button', onclick: put, 'aria-label': `Insert ${hit.reference}` }, 'Insert')
    );
  }

  private act(does: () => Promise<void>): void {
    does().catch((error: unknown) => {
      if (error instanceof Superseded) return;
      if (!(error instanceof MaestroError)) throw error;
      say(this.wrong, `${error.message} ${error.hint}`.trim());
    });
  }
}
