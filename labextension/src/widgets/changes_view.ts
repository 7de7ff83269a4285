/** What changed from one of the runs to another: both are chosen; cells line by line, with their signs. */
import { changesOf } from './changes.js';
import { type Compared } from './compared.js';
import { type ComparisonSource } from './comparison_source.js';
import { el } from './dom.js';
import { type Words } from './words.js';

/** Which two are looked at: their ids. */
export interface Pair {
  a?: string;
  b?: string;
}

export class ChangesView {
  readonly element: HTMLElement;
  private readonly before: HTMLSelectElement;
  private readonly after: HTMLSelectElement;
  private readonly box = el('div', { class: 'maestro-changes', 'aria-live': 'off' });
  /** What is in the box, as it came: it stays while nothing else has come. */
  private shown = '';
  private compared: Compared = { runs: [], directions: {} };

  constructor(
    private readonly words: Words,
    private pair: Pair,
    private readonly source: Pick<ComparisonSource, 'diff'>,
    private readonly onChange: (pair: Pair) => void
  ) {
    this.before = el('select', { 'aria-label': words.__('From') });
    this.after = el('select', { 'aria-label': words.__('to') });
    for (const select of [this.before, this.after]) {
      select.addEventListener('change', () => {
        this.choose(this.before.value, this.after.value);
      });
    }
    const turn = (): void => {
      this.choose(this.after.value, this.before.value);
    };
    this.element = el(
      'div',
      {},
      el(
        'div',
        { class: 'maestro-bar' },
        el('label', {}, `${words.__('From')} `, this.before),
        el('label', {}, `${words.__('to')} `, this.after),
        el('button', { type: 'button', onclick: turn }, words.__('Turn round'))
      ),
      this.box
    );
  }

  set(compared: Compared): void {
    this.compared = compared;
    const { runs } = compared;
    const ids = runs.map(({ id }) => id);
    for (const select of [this.before, this.after]) {
      const have = [...select.options].map(({ value }) => value);
      if (JSON.stringify(have) === JSON.stringify(ids)) continue;
      select.replaceChildren(
        ...runs.map(({ id, name }) => el('option', { value: id }, `${name} (${id.slice(0, 8)})`))
      );
    }
    const known = (id: string | undefined, place: number): string =>
      id !== undefined && ids.includes(id) ? id : (ids[place] ?? '');
    this.before.value = known(this.pair.a, 0);
    this.after.value = known(this.pair.b, 1);
  }

  /** Asks what changed, and shows it. */
  async refresh(): Promise<void> {
    const [a, b] = [this.before.value, this.after.value];
    if (a === '' || b === '') return;
    const diff = await this.source.diff(a, b);
    const content = JSON.stringify(diff);
    if (content === this.shown) return;
    this.shown = content;
    this.box.replaceChildren(...changesOf(diff, this.words, this.compared.directions));
  }

  private choose(a: string, b: string): void {
    this.pair = { a, b };
    this.before.value = a;
    this.after.value = b;
    this.onChange(this.pair);
  }
}
