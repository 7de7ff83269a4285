/** The table of runs: filtered, ordered and chosen from in the kernel's store, a window of it in the page. */
import { MaestroError } from '../api/errors.js';
import { fillCell, fillName, type Measured, type Row } from './cells.js';
import {
  asked,
  Chooser,
  type Column,
  hintOf,
  NAME,
  nameOf,
  nextSort,
  type Sort,
  titleOf,
  widthOf
} from './columns.js';
import { kernelComparison, MOST_COMPARED } from './comparison_source.js';
import { type ComparisonTab, ComparisonView } from './comparison_view.js';
import { el, onEnter, say } from './dom.js';
import { numbersOf, Superseded } from './exchange.js';
import { Grid, ROW } from './grid.js';
import { type Host } from './mount.js';
import { digitsFor, many } from './numbers.js';
import { openNotebook } from './opening.js';
import { PAGE, Pages } from './pages.js';
import { Panel } from './panel.js';
import { poll } from './polling.js';
import { type Span } from './windows.js';
import { PLAIN } from './words.js';

interface Setup {
  shown: Column[];
  known: Column[];
  sort: Sort | null;
}

interface Rows {
  offset: number;
  rows: Row[];
  newest: number;
  total?: number;
}

/** What can be done with the runs that are chosen. */
interface Offer {
  button: HTMLButtonElement;
  fits: (chosen: readonly Row[]) => boolean;
}

interface State {
  filter?: string;
  sort?: Sort | null;
  columns?: Column[];
}

/** How many rows are seen at once, at most. */
const TALL = 14;
const SETTLED = 60;
const OFTEN = 2000;
const SELDOM = 5000;

export class RunsView {
  private filter: string;
  private sort: Sort | null = null;
  private columns: Column[] = [];
  private known: Column[] = [];
  private readonly pages = new Pages<Row>();
  private total = 0;
  private newest: number | null = null;
  private best: Readonly<Record<string, string>> = {};
  private readonly curves = new Map<string, Float64Array>();
  /** The columns that hold small curves. */
  private readonly curved = new Set<string>();
  private readonly selected = new Map<string, Row>();
  private anchor = -1;
  private seenUpTo = -1;
  private asksAll = false;
  private isBehind = false;
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  private readonly grid: Grid;
  private readonly panel = new Panel();
  /** The comparison in the panel, while it is there. */
  private comparison: ComparisonView | undefined;
  private readonly chooser: Chooser;
  private readonly filterBox: HTMLInputElement;
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly said = el('span', { role: 'status' });
  private readonly waiting = el('span', { role: 'status', class: 'maestro-quiet' });
  /** The runs that were put away last, to be taken back. */
  private putAway: readonly Row[] = [];
  private done = '';
  private readonly actions = this.offered();

  constructor(private readonly host: Host) {
    const state = host.state as State;
    this.filter = state.filter ?? (host.given as { filter: string }).filter;
    this.filterBox = el('input', {
      type: 'search',
      class: 'maestro-filter',
      placeholder: "metrics.accuracy > 0.9 and params.model = 'rf'",
      'aria-label': 'Filter of the runs',
      spellcheck: 'false'
    });
    this.filterBox.value = this.filter;
    this.chooser = new Chooser(columns => {
      this.columns = columns;
      // The rows that are here were answered for other columns.
      this.pages.clear();
      this.showColumns();
      this.query();
    });
    this.grid = new Grid({
      label: 'Runs',
      fill: this.fill,
      isSelected: row => this.selected.has(this.pages.row(row)?.id ?? ''),
      onSeen: this.onSeen,
      onSort: this.onSort,
      onSelect: this.onSelect,
      onOpen: row => {
        const run = this.pages.row(row);
        if (run !== undefined) this.ask('show', run.name, [run]);
      }
    });
    this.lay();
    this.act(async () => this.begin(state));
  }

  /** Says whether answers take long. */
  readonly tellLate = (late: boolean): void => {
    say(this.waiting, late ? 'Waiting for the kernel…' : '');
  };

  private lay(): void {
    const refilter = (): void => {
      this.refilter();
    };
    const button = el('button', { type: 'button', onclick: refilter }, 'Filter');
    const bar = { class: 'maestro-bar', role: 'search' };
    const form = el('div', bar, this.filterBox, button, this.chooser.element);
    onEnter(this.filterBox, refilter);
    // What empties the box by its own sign means it.
    this.filterBox.addEventListener('search', () => {
      if (this.filterBox.value === '' && this.filter !== '') this.refilter();
    });
    const buttons = this.actions.map(({ button }) => button);
    const line = el('div', { class: 'maestro-bar maestro-line' }, this.said, ...buttons, this.waiting);
    this.host.root.append(form, this.wrong, this.grid.element, line, this.panel.element);
    this.showActions();
  }

  private async begin(state: State): Promise<void> {
    const { said } = await this.host.exchange.newestOf<Setup>('setup', { filter: this.filter });
    this.known = said.known;
    this.sort = state.sort === undefined ? said.sort : state.sort;
    const known = new Map(said.known.map(column => [nameOf(column), column]));
    this.columns = state.columns ?? said.shown.map(column => known.get(nameOf(column)) ?? column);
    this.chooser.set(this.known, this.columns);
    this.showColumns();
    this.query();
    const { last } = (await this.host.exchange.newestOf<{ last: number }>('changes', { after: -1 })).said;
    this.seenUpTo = last;
    void poll(this.follow, () => (this.isRunning() ? OFTEN : SELDOM), this.host.seen, this.host.signal);
  }

  /** Asks for the table anew, from where it is seen; what is shown stays until there is an answer. */
  private query(toTop = false, onRefused: (error: MaestroError) => void = () => undefined): void {
    this.asksAll = true;
    const first = toTop ? 0 : this.grid.seen().first;
    const offset = Math.floor(first / PAGE) * PAGE;
    const about = { filter: this.filter, columns: this.columns.map(asked), sort: this.askedSort() };
    const question = { ...about, offset, limit: PAGE, newest: null };
    this.act(async () => {
      try {
        const { said } = await this.host.exchange.newestOf<Rows>('rows', question);
        this.asksAll = false;
        this.isBehind = false;
        this.pages.clear();
        if (toTop) this.best = {};
        this.take(said, PAGE);
      } catch (error) {
        if (!(error instanceof Superseded)) this.asksAll = false;
        if (error instanceof MaestroError) onRefused(error);
        throw error;
      }
      this.keep();
      if (toTop) this.grid.toTop();
      await this.findBest();
    });
  }

  private askedSort(): object | null {
    return this.sort === null ? null : { ...this.sort, column: asked(this.sort.column) };
  }

  private take({ offset, rows, newest, total }: Rows, limit: number): void {
    this.pages.put(offset, limit, rows);
    this.newest = newest;
    if (total !== undefined && total !== this.total) {
      this.total = total;
      this.grid.element.style.height = `${String((Math.min(Math.max(total, 1), TALL) + 1.5) * ROW)}px`;
      this.grid.setTotal(total);
    } else this.grid.refresh();
    say(this.wrong, '');
    this.filterBox.removeAttribute('aria-invalid');
    this.showActions();
  }

  private async findBest(): Promise<void> {
    const metrics = this.columns.filter(({ ranked }) => ranked === true).map(({ key }) => key);
    const question = { filter: this.filter, metrics };
    const { said } = await this.host.exchange.newestOf<{ best: Record<string, string> }>('best', question);
    this.best = said.best;
    this.grid.refresh();
  }

  private readonly onSeen = (span: Span): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.settle(span);
    }, SETTLED);
  };

  /** Fetches what is seen once nobody scrolls on. */
  private settle(span: Span): void {
    if (this.asksAll || this.newest === null) return;
    if (this.isBehind && span.first === 0) {
      this.query();
      return;
    }
    const missing = this.pages.missing(span);
    if (missing === undefined) {
      this.act(async () => this.fetchCurves(span));
      return;
    }
    const about = { filter: this.filter, columns: this.columns.map(asked), sort: this.askedSort() };
    const question = { ...about, ...missing, newest: this.newest };
    this.act(async () => {
      const { said } = await this.host.exchange.newestOf<Rows>('rows', question);
      this.take(said, missing.limit);
    });
  }

  private async fetchCurves({ first, end }: Span): Promise<void> {
    for (const [place, { entity, key }] of this.columns.entries()) {
      if (entity !== 'metric') continue;
      const runs: string[] = [];
      for (let index = first; index < end; index++) {
        const row = this.pages.row(index);
        if (row === undefined || typeof row.cells[place] !== 'number') continue;
        if (!this.curves.has(`${row.id} ${key}`)) runs.push(row.id);
      }
      if (runs.length > 0) await this.fetchCurvesOf(key, runs);
    }
  }

  private async fetchCurvesOf(metric: string, runs: readonly string[]): Promise<void> {
    for (const run of runs) this.curves.set(`${run} ${metric}`, new Float64Array());
    const { said, buffers } = await this.host.exchange.each<{ counts: number[] }>('sparks', { runs, metric });
    const numbers = numbersOf(buffers[0]);
    let from = 0;
    for (const [place, count] of said.counts.entries()) {
      this.curves.set(`${runs[place] ?? ''} ${metric}`, numbers.subarray(from, from + count));
      from += count;
    }
    if (from === 0) return;
    const name = nameOf({ entity: 'metric', key: metric });
    if (this.curved.has(name)) this.grid.refresh();
    else {
      this.curved.add(name);
      this.showColumns();
    }
  }

  private readonly follow = async (): Promise<void> => {
    try {
      const question = { after: this.seenUpTo };
      const { said } = await this.host.exchange.newestOf<{ last: number; runs: string[]; reset: boolean }>(
        'changes',
        question
      );
      this.seenUpTo = said.last;
      if (said.runs.length === 0 && !said.reset) return;
      const changed = new Set(said.runs);
      if (this.comparison?.shows(run => said.reset || changed.has(run)) === true) {
        await this.comparison.refresh();
      }
      for (const name of this.curves.keys()) {
        if (said.reset || changed.has(name.slice(0, name.indexOf(' ')))) this.curves.delete(name);
      }
      if (!this.grid.scrolled) {
        this.query();
        return;
      }
      // The rows stay where they are while somebody reads them; those that came since are at the top.
      this.isBehind = true;
      this.pages.clear();
      this.grid.refresh();
    } catch (error) {
      this.fail(error);
    }
  };

  private isRunning(): boolean {
    const isOne = this.pages.all().some(({ status }) => status === 'RUNNING');
    return isOne || this.comparison?.isRunning() === true;
  }

  private showColumns(): void {
    const all = [NAME, ...this.columns];
    this.grid.setColumns(
      all.map(column => ({
        title: titleOf(column),
        hint: hintOf(column),
        width: widthOf(column, this.curved.has(nameOf(column))),
        number: column.entity === 'metric',
        sort:
          this.sort === null || nameOf(this.sort.column) !== nameOf(column)
            ? 'none'
            : this.sort.descending
              ? 'descending'
              : 'ascending'
      }))
    );
  }

  private readonly fill = (cell: HTMLElement, index: number, place: number): void => {
    const row = this.pages.row(index);
    const column = this.columns[place - 1];
    if (row === undefined) {
      say(cell, place === 0 ? '…' : '');
      cell.removeAttribute('title');
    } else if (column === undefined) fillName(cell, row);
    else fillCell(cell, row, column, row.cells[place - 1] ?? null, this.measured(column));
  };

  private measured(column: Column): Measured | undefined {
    if (column.entity !== 'metric') return undefined;
    return {
      digits: this.digits(column),
      best: this.best[column.key],
      curve: run => {
        const values = this.curves.get(`${run} ${column.key}`);
        return values === undefined || values.length === 0 ? undefined : values;
      }
    };
  }

  /** Gives the digits that tell the values of a column's first rows apart: the same while one scrolls. */
  private digits(column: Column): number {
    const place = this.columns.indexOf(column);
    const known = this.digitsOf.get(column);
    if (known?.newest === this.newest) return known.digits;
    const digits = digitsFor(this.pages.all().map(({ cells }) => cells[place]));
    this.digitsOf.set(column, { newest: this.newest, digits });
    return digits;
  }

  private readonly digitsOf = new Map<Column, { newest: number | null; digits: number }>();

  private readonly onSort = (place: number): void => {
    this.sort = nextSort(this.sort, this.columns[place - 1] ?? NAME);
    this.showColumns();
    this.query(true);
  };

  private refilter(): void {
    const before = this.filter;
    this.filter = this.filterBox.value;
    this.query(true, error => {
      this.filter = before;
      this.pointOut(error);
    });
  }

  private readonly onSelect = (index: number, how: 'only' | 'toggle' | 'range'): void => {
    const row = this.pages.row(index);
    if (row === undefined) return;
    this.done = '';
    if (how === 'only') this.selected.clear();
    if (how === 'range' && this.anchor >= 0) {
      for (let each = Math.min(index, this.anchor); each <= Math.max(index, this.anchor); each++) {
        const between = this.pages.row(each);
        if (between !== undefined) this.selected.set(between.id, between);
      }
    } else if (how === 'toggle' && this.selected.has(row.id)) this.selected.delete(row.id);
    else this.selected.set(row.id, row);
    if (how !== 'range') this.anchor = index;
    this.grid.refresh();
    this.showActions();
  };

  private showActions(): void {
    const count = this.selected.size;
    const more = count === 0 ? this.done : ` ${many(count, 'run')} chosen.`;
    say(this.said, `${many(this.total, 'run')}.${more}`);
    for (const { button, fits } of this.actions) button.hidden = !fits([...this.selected.values()]);
  }

  /** What can be done with the runs that are chosen; the buttons stay, so that none loses the focus. */
  private offered(): Offer[] {
    const some = (chosen: readonly Row[]): boolean => chosen.length > 0;
    const offer = (name: string, fits: Offer['fits'], act: (chosen: Row[]) => void): Offer => {
      const onclick = (): void => {
        act([...this.selected.values()]);
      };
      return { button: el('button', { type: 'button', onclick }, name), fits };
    };
    return [
      offer(
        'Show',
        chosen => chosen.length === 1,
        chosen => {
          this.ask('show', chosen[0]?.name ?? '', chosen);
        }
      ),
      offer(
        'Diff',
        chosen => chosen.length === 2,
        chosen => {
          this.compare('What changed', 'changes', chosen);
        }
      ),
      offer(
        'Compare',
        chosen => chosen.length > 1 && chosen.length <= MOST_COMPARED,
        chosen => {
          this.compare('Side by side', 'table', chosen);
        }
      ),
      offer('Note…', some, chosen => {
        this.change('Note', ['note'], chosen, ([text]) => ['note', { text }]);
      }),
      offer('Tag…', some, chosen => {
        this.change('Tag', ['tag', 'value'], chosen, ([key, value]) => ['tag', { key, value }]);
      }),
      offer(
        'Open notebook',
        chosen => chosen.length === 1 && chosen[0]?.notebook != null,
        ([run]) => {
          const path = run?.notebook ?? '';
          void openNotebook(path, this.host.root).then(done => {
            if (done !== '') say(this.said, done);
          });
        }
      ),
      offer(
        'Archive',
        chosen => some(chosen) && !chosen.every(({ archived }) => archived),
        chosen => {
          this.archive(chosen, true);
        }
      ),
      offer(
        'Restore',
        chosen => chosen.some(({ archived }) => archived),
        chosen => {
          this.archive(chosen, false);
        }
      ),
      offer(
        'Undo archiving',
        chosen => !some(chosen) && this.putAway.length > 0,
        () => {
          this.archive(this.putAway, false);
        }
      ),
      offer('Choose none', some, () => {
        this.selected.clear();
        this.grid.refresh();
        this.showActions();
      })
    ];
  }

  /** Shows what the kernel says of some runs. */
  private ask(kind: string, title: string, rows: readonly Row[]): void {
    const turn = ++this.turn;
    this.act(async () => {
      const question = { runs: rows.map(({ id }) => id) };
      const { said } = await this.host.exchange.newestOf<{ html: string }>(kind, question);
      // What was asked for since then stays.
      if (turn === this.turn) this.panel.show(title, said.html);
    });
  }

  /** Shows some runs side by side, for as long as the panel does. */
  private compare(title: string, tab: ComparisonTab, rows: readonly Row[]): void {
    this.turn++;
    this.panel.live(title, (root, shown) => {
      const signal = AbortSignal.any([shown, this.host.signal]);
      const runs = rows.map(({ id }) => id);
      const view = new ComparisonView({
        root,
        source: kernelComparison(this.host.exchange, runs),
        words: PLAIN,
        tab,
        state: {},
        keep: () => undefined,
        signal
      });
      this.comparison = view;
      signal.addEventListener('abort', () => {
        if (this.comparison === view) this.comparison = undefined;
      });
      void view.refresh();
    });
  }

  /** Asks for texts, and has them written to some runs. */
  private change(
    title: string,
    labels: string[],
    rows: readonly Row[],
    question: (texts: (string | undefined)[]) => [string, object]
  ): void {
    const turn = ++this.turn;
    this.panel.ask(`${title}: ${many(rows.length, 'run')}`, labels, texts => {
      this.act(async () => {
        const [kind, about] = question(texts);
        await this.host.exchange.each(kind, { runs: rows.map(({ id }) => id), ...about });
        if (turn === this.turn) this.panel.close();
        say(this.said, `${title}: saved for ${many(rows.length, 'run')}.`);
      });
    });
  }

  /** Puts runs away, or takes them back. */
  private archive(rows: readonly Row[], archived: boolean): void {
    this.act(async () => {
      await this.host.exchange.each('archive', { runs: rows.map(({ id }) => id), archived });
      this.putAway = archived ? rows : [];
      this.done = ` ${many(rows.length, 'run')} ${archived ? 'put away' : 'back in the lists'}.`;
      this.selected.clear();
      this.showActions();
      // The button that was pressed is gone.
      this.grid.focus();
      this.query();
    });
  }

  private keep(): void {
    this.host.keep({ filter: this.filter, sort: this.sort, columns: this.columns });
  }

  private act(does: () => Promise<void>): void {
    does().catch((error: unknown) => {
      this.fail(error);
    });
  }

  private fail(error: unknown): void {
    if (error instanceof Superseded) return;
    if (!(error instanceof MaestroError)) throw error;
    say(this.wrong, `${error.message} ${error.hint}`.trim());
  }

  /** Marks where a filter is wrong. */
  private pointOut({ message }: MaestroError): void {
    const at = /at character (\d+)/.exec(message)?.[1];
    if (at === undefined) return;
    this.filterBox.setAttribute('aria-invalid', 'true');
    this.filterBox.focus();
    this.filterBox.setSelectionRange(Number(at) - 1, this.filterBox.value.length);
  }
}
