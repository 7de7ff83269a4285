/** A grid of any length: only the rows in its window are in the page; keyboard and screen readers know them all. */
import { el } from './dom.js';
import { heightOf, placeOf, rowsIn, scrollTo, type Sight, type Span } from './windows.js';

/** How high a row is, in pixels; the style says the same. */
export const ROW = 28;
const MORE = 6;

export interface GridColumn {
  title: string;
  /** What a pointer that rests on the title reads. */
  hint: string;
  /** How wide it is, in pixels. */
  width: number;
  number: boolean;
  sort: 'ascending' | 'descending' | 'none';
}

/** Fills the grid. */
export interface Source {
  label: string;
  /** Writes what a cell shows into its element, which may hold another row's. */
  fill: (cell: HTMLElement, row: number, column: number) => void;
  isSelected: (row: number) => boolean;
  /** Is told which rows are seen. */
  onSeen: (span: Span) => void;
  onSort: (column: number) => void;
  onSelect: (row: number, how: 'only' | 'toggle' | 'range') => void;
  onOpen: (row: number) => void;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1]
};

export class Grid {
  readonly element: HTMLElement;
  private readonly head: HTMLElement;
  private readonly body: HTMLElement;
  private readonly rows = new Map<number, HTMLElement>();
  private readonly spare: HTMLElement[] = [];
  private columns: readonly GridColumn[] = [];
  private total = 0;
  private active = { row: -1, column: 0 };
  private frame = 0;

  constructor(private readonly source: Source) {
    this.head = el('div', { role: 'row', class: 'maestro-grid-head', 'aria-rowindex': '1' });
    this.body = el('div', { role: 'rowgroup', class: 'maestro-grid-body' });
    const head = el('div', { role: 'rowgroup', class: 'maestro-grid-top' }, this.head);
    this.element = el(
      'div',
      { role: 'grid', class: 'maestro-grid', 'aria-label': source.label, 'aria-multiselectable': 'true' },
      head,
      this.body
    );
    this.element.addEventListener('scroll', this.later, { passive: true });
    this.element.addEventListener('keydown', this.onKey);
    this.element.addEventListener('focusin', this.onFocus);
    this.element.addEventListener('click', this.onClick);
    this.element.addEventListener('dblclick', this.onDouble);
    new ResizeObserver(this.later).observe(this.element);
  }

  /** Shows these columns. */
  setColumns(columns: readonly GridColumn[]): void {
    const changed = columns.length !== this.columns.length;
    this.columns = columns;
    this.element.style.setProperty(
      '--maestro-columns',
      columns.map(({ width }) => `${String(width)}px`).join(' ')
    );
    this.element.style.setProperty(
      '--maestro-width',
      `${String(columns.reduce((sum, { width }) => sum + width, 0))}px`
    );
    this.element.setAttribute('aria-colcount', String(columns.length));
    this.head.replaceChildren(...columns.map((column, place) => this.header(column, place)));
    if (changed) {
      for (const row of this.rows.values()) row.remove();
      this.rows.clear();
      this.spare.length = 0;
      this.active.column = Math.min(this.active.column, Math.max(0, columns.length - 1));
    }
    this.refresh();
  }

  /** Shows so many rows. */
  setTotal(total: number): void {
    this.total = total;
    this.active.row = Math.min(this.active.row, total - 1);
    this.element.setAttribute('aria-rowcount', String(total + 1));
    this.body.style.height = `${String(heightOf({ total, row: ROW }))}px`;
    this.refresh();
  }

  /** Goes back to the first row. */
  toTop(): void {
    this.element.scrollTop = 0;
  }

  get scrolled(): boolean {
    return this.element.scrollTop > 0;
  }

  /** Gives the rows that are seen. */
  seen(): Span {
    return rowsIn(this.sight());
  }

  /** Fills all rows of the window anew. */
  refresh(): void {
    this.draw(true);
  }

  private readonly later = (): void => {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw(false);
    });
  };

  private sight(): Sight {
    const top = this.head.offsetHeight;
    return {
      total: this.total,
      row: ROW,
      window: Math.max(0, this.element.clientHeight - top),
      scrolled: this.element.scrollTop
    };
  }

  private draw(anew: boolean): void {
    const sight = this.sight();
    const span = rowsIn(sight, MORE);
    for (const [index, row] of this.rows) {
      // The row that has the focus stays, wherever the window is.
      if ((index >= span.first && index < span.end) || (index === this.active.row && index < this.total))
        continue;
      row.remove();
      this.rows.delete(index);
      this.spare.push(row);
    }
    for (let index = span.first; index < span.end; index++) {
      const known = this.rows.get(index);
      if (known === undefined) this.fill(this.rowFor(index), index);
      else if (anew) this.fill(known, index);
    }
    for (const [index, row] of this.rows)
      row.style.transform = `translateY(${String(placeOf(index, sight))}px)`;
    this.rove();
    this.source.onSeen(rowsIn(sight));
  }

  private rowFor(index: number): HTMLElement {
    const row = this.spare.pop() ?? this.newRow();
    this.rows.set(index, row);
    row.setAttribute('aria-rowindex', String(index + 2));
    row.dataset['row'] = String(index);
    this.body.append(row);
    return row;
  }

  private newRow(): HTMLElement {
    const cells = this.columns.map(({ number }, place) =>
      el('div', {
        role: place === 0 ? 'rowheader' : 'gridcell',
        class: number ? 'maestro-cell maestro-number' : 'maestro-cell',
        'aria-colindex': String(place + 1),
        'data-column': String(place),
        tabindex: '-1'
      })
    );
    return el('div', { role: 'row', class: 'maestro-row' }, ...cells);
  }

  private fill(row: HTMLElement, index: number): void {
    row.setAttribute('aria-selected', String(this.source.isSelected(index)));
    for (let column = 0; column < row.children.length; column++) {
      const cell = row.children[column];
      if (cell instanceof HTMLElement) this.source.fill(cell, index, column);
    }
  }

  private header({ title, hint, number, sort }: GridColumn, place: number): HTMLElement {
    const sign = { ascending: ' ▲', descending: ' ▼', none: '' }[sort];
    return el(
      'div',
      {
        role: 'columnheader',
        class: number ? 'maestro-cell maestro-number' : 'maestro-cell',
        'aria-colindex': String(place + 1),
        'aria-sort': sort,
        'data-column': String(place),
        title: hint,
        tabindex: '-1'
      },
      el('span', { class: 'maestro-head-title' }, title),
      el('span', { 'aria-hidden': 'true' }, sign)
    );
  }

  /** Gives the focus to the active cell. */
  focus(): void {
    this.moveTo(this.active.row, this.active.column);
  }

  /** Lets the tabulator reach one cell: the active one. */
  private rove(): void {
    for (const cell of this.element.querySelectorAll('[tabindex="0"]')) cell.setAttribute('tabindex', '-1');
    this.cellAt(this.active.row, this.active.column)?.setAttribute('tabindex', '0');
  }

  private cellAt(row: number, column: number): HTMLElement | undefined {
    const line = row < 0 ? this.head : this.rows.get(row);
    const cell = line?.children[column];
    return cell instanceof HTMLElement ? cell : undefined;
  }

  private moveTo(row: number, column: number): void {
    this.active = {
      row: Math.min(Math.max(row, -1), this.total - 1),
      column: Math.min(Math.max(column, 0), this.columns.length - 1)
    };
    if (this.active.row >= 0) this.element.scrollTop = scrollTo(this.active.row, this.sight());
    this.draw(false);
    const cell = this.cellAt(this.active.row, this.active.column);
    cell?.focus({ preventScroll: true });
    cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey) return;
    const { row, column } = this.active;
    const move = MOVES[event.key];
    const page = Math.max(1, Math.floor(this.sight().window / ROW) - 1);
    if (move !== undefined) {
      this.moveTo(row + move[0], column + move[1]);
      if (event.shiftKey && move[0] !== 0 && this.active.row >= 0)
        this.source.onSelect(this.active.row, 'range');
    } else if (event.key === 'PageDown') this.moveTo(row + page, column);
    else if (event.key === 'PageUp') this.moveTo(Math.max(row - page, 0), column);
    else if (event.key === 'Home') this.moveTo(event.ctrlKey ? 0 : row, 0);
    else if (event.key === 'End') this.moveTo(event.ctrlKey ? this.total - 1 : row, this.columns.length - 1);
    else if (event.key === ' ' && row >= 0) this.source.onSelect(row, 'toggle');
    else if (event.key === 'Enter' && row >= 0) this.source.onOpen(row);
    else if ((event.key === 'Enter' || event.key === ' ') && row < 0) this.source.onSort(column);
    else return;
    event.preventDefault();
    // A notebook would move to another cell, or run this one.
    event.stopPropagation();
  };

  private readonly onFocus = (event: FocusEvent): void => {
    const at = placeIn(event.target);
    if (at === undefined) return;
    this.active = at;
    this.rove();
  };

  private readonly onClick = (event: MouseEvent): void => {
    const at = placeIn(event.target);
    if (at === undefined) return;
    if (at.row < 0) {
      this.source.onSort(at.column);
      return;
    }
    this.source.onSelect(
      at.row,
      event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only'
    );
  };

  private readonly onDouble = (event: MouseEvent): void => {
    const at = placeIn(event.target);
    if (at !== undefined && at.row >= 0) this.source.onOpen(at.row);
  };
}

function placeIn(target: EventTarget | null): { row: number; column: number } | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-column]') : null;
  if (cell === null) return undefined;
  const row = cell.closest<HTMLElement>('[data-row]');
  return { row: row === null ? -1 : Number(row.dataset['row']), column: Number(cell.dataset['column']) };
}
