/** What runs have, side by side: a column for each, or a row where there are many. */
import { bestOf, type Compared, type ComparedRun, differs, said, type Trait, traitsOf } from './compared.js';
import { type Child, el, say } from './dom.js';
import { ago, digitsFor, duration } from './numbers.js';
import { statusOf } from './statuses.js';
import { type Words } from './words.js';

/** Up to how many runs have a column each. */
const SIDE_BY_SIDE = 6;

/** One thing that is said of each run. */
interface Line {
  title: HTMLElement;
  cells: HTMLElement[];
}

export class ComparisonTable {
  readonly element: HTMLElement;
  private readonly box: HTMLElement;
  private readonly onlyDifferences = el('input', { type: 'checkbox' });
  private readonly note = el('span', { class: 'maestro-quiet', role: 'status' });
  private compared: Compared = { runs: [], directions: {} };

  constructor(
    private readonly words: Words,
    isAll: boolean,
    onChange: (isAll: boolean) => void
  ) {
    this.onlyDifferences.checked = !isAll;
    this.onlyDifferences.addEventListener('change', () => {
      onChange(!this.onlyDifferences.checked);
      this.draw();
    });
    this.box = el('div', {
      class: 'maestro-compared',
      role: 'region',
      tabindex: '0',
      'aria-label': words.__('Metrics and parameters')
    });
    this.element = el(
      'div',
      {},
      el(
        'div',
        { class: 'maestro-bar' },
        el('label', {}, this.onlyDifferences, ` ${words.__('Differences only')}`),
        this.note
      ),
      this.box
    );
  }

  set(compared: Compared): void {
    this.compared = compared;
    this.draw();
  }

  private draw(): void {
    const { words } = this;
    const { runs } = this.compared;
    const known = traitsOf(this.compared).filter(({ entity }) => entity !== 'attribute');
    const shown = this.onlyDifferences.checked ? known.filter(differs) : known;
    const left = known.length - shown.length;
    say(
      this.note,
      left === 0
        ? ''
        : words._n('%2 more is the same in all.', '%2 more are the same in all.', left, left.toLocaleString())
    );
    const of = (entity: Trait['entity']): Trait[] => shown.filter(trait => trait.entity === entity);
    const groups: [string, Line[]][] = [
      ['', this.facts(runs)],
      [words.__('Metrics'), of('metric').map(this.line)],
      [words.__('Parameters'), of('param').map(this.line)]
    ];
    const filled = groups.filter(([, lines]) => lines.length > 0);
    const table = runs.length <= SIDE_BY_SIDE ? this.inColumns(filled) : this.inRows(filled);
    this.box.replaceChildren(table);
  }

  private inColumns(groups: readonly [string, Line[]][]): HTMLElement {
    const { runs } = this.compared;
    const heads = runs.map(run => el('th', { scope: 'col' }, ...named(run)));
    const bodies = groups.map(([title, lines]) =>
      el(
        'tbody',
        {},
        ...(title === '' ? [] : [groupHead(title, runs.length + 1)]),
        ...lines.map(line => el('tr', {}, scoped(line.title, 'row'), ...line.cells))
      )
    );
    return this.table(el('tr', {}, el('td', {}), ...heads), bodies);
  }

  private inRows(groups: readonly [string, Line[]][]): HTMLElement {
    const lines = groups.flatMap(([, each]) => each);
    const head = el(
      'tr',
      {},
      el('th', { scope: 'col' }, this.words.__('run')),
      ...lines.map(({ title }) => scoped(title, 'col'))
    );
    const rows = this.compared.runs.map((run, place) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, ...named(run)),
        ...lines.map(({ cells }) => cells[place] ?? el('td', {}))
      )
    );
    return this.table(head, [el('tbody', {}, ...rows)]);
  }

  private table(head: HTMLElement, bodies: readonly HTMLElement[]): HTMLElement {
    const label = this.words.__('Comparison');
    return el('table', { class: 'maestro-table', 'aria-label': label }, el('thead', {}, head), ...bodies);
  }

  private facts(runs: readonly ComparedRun[]): Line[] {
    const { words } = this;
    const now = Date.now();
    return [
      {
        title: el('th', {}, words.__('status')),
        cells: runs.map(({ status, reason }) => {
          const { icon, word, style } = statusOf(status, words);
          return el('td', { class: style, title: reason }, `${icon} ${word}`);
        })
      },
      {
        title: el('th', {}, words.__('started')),
        cells: runs.map(({ started }) =>
          el('td', { title: new Date(started).toLocaleString() }, ago(started, now))
        )
      },
      {
        title: el('th', {}, words.__('took')),
        cells: runs.map(run => el('td', {}, this.took(run, now)))
      }
    ];
  }

  private took({ status, started, took }: ComparedRun, now: number): string {
    if (took !== null) return duration(took);
    const { words } = this;
    return status === 'RUNNING'
      ? words.__('%1 so far', duration((now - started) / 1000))
      : words.__('unknown');
  }

  private readonly line = (trait: Trait): Line => {
    const { words } = this;
    const best = bestOf(trait);
    const digits = digitsFor(trait.values);
    return {
      title: el('th', { title: trait.key }, ...this.titled(trait)),
      cells: trait.values.map((value, place) => {
        if (value === undefined) return el('td', { class: 'maestro-quiet' }, words.__('unknown'));
        const text = said(value, digits);
        const isNumber = typeof value === 'number';
        const style = `${isNumber ? 'maestro-number' : ''} ${best.has(place) ? 'maestro-best' : ''}`.trim();
        const mark = best.has(place) ? [el('span', { class: 'maestro-star' }, `★ ${words.__('best')} `)] : [];
        return el('td', { class: style, title: value === null ? text : String(value) }, ...mark, text);
      })
    };
  };

  private titled({ key, direction }: Trait): Child[] {
    const { words } = this;
    if (direction?.ranked !== true) return [key];
    const better = direction.lower ? words.__('lower is better') : words.__('higher is better');
    const isNarrow = this.compared.runs.length > SIDE_BY_SIDE;
    const text = el('span', isNarrow ? { class: 'maestro-unseen' } : {}, better);
    const arrow = el('span', { 'aria-hidden': 'true' }, ` ${direction.lower ? '↓' : '↑'} `);
    return [key, el('span', { class: 'maestro-better', title: better }, arrow, text)];
  }
}

function named({ id, name }: ComparedRun): Child[] {
  return [el('span', { class: 'maestro-run', title: name }, name), ' ', el('code', {}, id.slice(0, 8))];
}

function scoped(head: HTMLElement, scope: string): HTMLElement {
  head.setAttribute('scope', scope);
  return head;
}

function groupHead(title: string, columns: number): HTMLElement {
  const cell = { colspan: String(columns), scope: 'colgroup', class: 'maestro-group' };
  return el('tr', {}, el('th', cell, title));
}
