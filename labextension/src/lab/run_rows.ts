/** A list of runs of any length: only those in its window are in the page; keyboard and screen readers know them all. */
import { el } from '../widgets/dom.js';
import { newId } from '../widgets/ids.js';
import { ago, duration, shown } from '../widgets/numbers.js';
import { sparkline } from '../widgets/sparkline.js';
import { statusOf } from '../widgets/statuses.js';
import { heightOf, placeOf, rowsIn, scrollTo, type Sight } from '../widgets/windows.js';
import { keyMetric, secondsOf, type Row } from './runs_list.js';
import { type Words } from './words.js';

/** How high a row is, in pixels; the style says the same. */
const ROW = 46;
const MORE = 6;

/** What the list is told, and what it tells. */
export interface RowsSource {
  words: Words;
  /** The metric that is wanted in each row; the first there is if it is empty. */
  metric: () => string;
  /** The values of a run's curve; undefined while they are not known. */
  curve: (run: Row, metric: string) => ArrayLike<number> | undefined;
  onOpen: (run: Row) => void;
  /** The chosen runs have changed. */
  onChoose: (runs: readonly string[]) => void;
  /** The end of the list is seen. */
  onEnd: () => void;
}

export class RunRows {
  readonly element: HTMLElement;
  /** The runs that are chosen, in the order in which they were. */
  readonly chosen = new Set<string>();
  private readonly body = el('div', { class: 'maestro-rows-body', role: 'presentation' });
  private readonly lines = new Map<number, HTMLElement>();
  private rows: readonly Row[] = [];
  private active = 0;
  private frame = 0;
  private readonly resized: ResizeObserver;

  constructor(private readonly source: RowsSource) {
    this.element = el(
      'div',
      {
        class: 'maestro-rows',
        role: 'listbox',
        tabindex: '0',
        'aria-multiselectable': 'true',
        'aria-label': source.words.__('Runs')
      },
      this.body
    );
    this.element.addEventListener('scroll', this.later, { passive: true });
    this.element.addEventListener('keydown', this.onKey);
    this.element.addEventListener('click', this.onClick);
    this.resized = new ResizeObserver(this.later);
    this.resized.observe(this.element);
  }

  set(rows: readonly Row[]): void {
    const before = this.rows[this.active]?.run_id;
    const at = rows.findIndex(({ run_id }) => run_id === before);
    this.rows = rows;
    this.active = Math.max(0, at);
    this.body.style.height = `${String(heightOf({ total: rows.length, row: ROW }))}px`;
    this.draw();
  }

  /** The runs that are in the window. */
  seen(): readonly Row[] {
    const { first, end } = rowsIn(this.sight());
    return this.rows.slice(first, end);
  }

  toTop(): void {
    this.element.scrollTop = 0;
  }

  close(): void {
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /** Fills all rows of the window anew. */
  draw(): void {
    this.place(true);
  }

  /** Puts the rows of the window where they stand; those that were there are filled again only if asked. */
  private place(anew: boolean): void {
    const sight = this.sight();
    const span = rowsIn(sight, MORE);
    for (const [index, line] of this.lines) {
      if (index >= span.first && index < span.end) continue;
      line.remove();
      this.lines.delete(index);
    }
    for (let index = span.first; index < span.end; index++) {
      const row = this.rows[index];
      if (row === undefined) continue;
      const known = this.lines.get(index);
      const line = known ?? this.newLine(index);
      if (anew || known === undefined) this.fill(line, row, index);
      line.style.transform = `translateY(${String(placeOf(index, sight))}px)`;
    }
    const active = this.lines.get(this.active)?.id;
    if (active === undefined) this.element.removeAttribute('aria-activedescendant');
    else this.element.setAttribute('aria-activedescendant', active);
    if (span.end >= this.rows.length) this.source.onEnd();
  }

  private readonly later = (): void => {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.place(false);
    });
  };

  private sight(): Sight {
    return {
      total: this.rows.length,
      row: ROW,
      window: this.element.clientHeight,
      scrolled: this.element.scrollTop
    };
  }

  private newLine(index: number): HTMLElement {
    const line = el('div', {
      class: 'maestro-listed',
      role: 'option',
      id: `maestro-run-${newId()}`
    });
    this.lines.set(index, line);
    this.body.append(line);
    return line;
  }

  private fill(line: HTMLElement, row: Row, index: number): void {
    const { words } = this.source;
    const status = statusOf(row.status, words);
    const now = Date.now();
    const metric = keyMetric(row.metrics, this.source.metric());
    const curve = metric === undefined ? undefined : this.source.curve(row, metric);
    line.dataset['run'] = row.run_id;
    line.dataset['index'] = String(index);
    line.setAttribute('aria-selected', String(this.chosen.has(row.run_id)));
    line.setAttribute('aria-posinset', String(index + 1));
    line.setAttribute('aria-setsize', String(this.rows.length));
    line.classList.toggle('maestro-active', index === this.active);
    const seconds = secondsOf(row, now);
    const isRunning = row.status === 'RUNNING';
    const reason = isRunning || row.status === 'FINISHED' ? '' : row.status_reason;
    const [said, value] =
      reason !== '' || metric === undefined ? [reason, ''] : [metric, shown(row.metrics[metric])];
    line.title = [row.name, row.project, `${said} ${value}`.trim(), ago(Date.parse(row.start_time), now)]
      .filter(Boolean)
      .join('\n');
    line.replaceChildren(
      el(
        'div',
        { class: 'maestro-run-line' },
        el('span', { class: 'maestro-run-name' }, row.name),
        el('span', { class: `maestro-run-status ${status.style}` }, `${status.icon} ${status.word}`)
      ),
      el(
        'div',
        { class: 'maestro-run-line maestro-run-facts' },
        el('span', { class: 'maestro-run-measured' }, said),
        el('span', { class: 'maestro-run-value' }, value),
        ...(curve !== undefined && curve.length > 1
          ? [sparkline(curve, words.__('curve of %1', metric))]
          : []),
        el('span', { class: 'maestro-run-took' }, duration(isRunning ? Math.ceil(seconds) : seconds))
      )
    );
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW) - 1);
    const moves: Partial<Record<string, number>> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: this.rows.length - 1
    };
    const to = moves[event.key];
    const row = this.rows[this.active];
    if (to !== undefined) this.moveTo(to);
    else if (event.key === 'Enter' && row !== undefined) this.source.onOpen(row);
    else if (event.key === ' ' && row !== undefined) this.toggle(row);
    else if (event.key === 'Escape' && this.chosen.size > 0) this.choose([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private moveTo(index: number): void {
    this.active = Math.min(Math.max(index, 0), Math.max(0, this.rows.length - 1));
    this.element.scrollTop = scrollTo(this.active, this.sight());
    this.draw();
  }

  private toggle({ run_id }: Row): void {
    const others = [...this.chosen].filter(each => each !== run_id);
    this.choose(this.chosen.has(run_id) ? others : [...others, run_id]);
  }

  /** Chooses these runs. */
  choose(runs: readonly string[]): void {
    this.chosen.clear();
    for (const run of runs) this.chosen.add(run);
    this.draw();
    this.source.onChoose([...this.chosen]);
  }

  private readonly onClick = (event: MouseEvent): void => {
    const row = this.rowAt(event.target);
    if (row === undefined) return;
    this.active = this.rows.indexOf(row);
    // The second click of two; `dblclick` is not told where the first has changed what was clicked.
    if (event.detail === 2) this.source.onOpen(row);
    else if (event.ctrlKey || event.metaKey || event.shiftKey) this.toggle(row);
    else this.choose([row.run_id]);
  };

  private rowAt(target: EventTarget | null): Row | undefined {
    const line = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    return line === null ? undefined : this.rows[Number(line.dataset['index'])];
  }
}
