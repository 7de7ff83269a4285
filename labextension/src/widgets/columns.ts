/** The columns of a table of runs: how they are named, how wide they are, and which are shown. */
import { el } from './dom.js';

export interface Column {
  entity: 'attribute' | 'metric' | 'param' | 'tag';
  key: string;
  /** Of a metric: whether its values have a better and a worse. */
  ranked?: boolean;
  /** Of a metric: whether lower is better. */
  lower?: boolean;
}

export interface Sort {
  column: Column;
  descending: boolean;
}

/** What the first column shows. */
export const NAME: Column = { entity: 'attribute', key: 'name' };

const TITLES: Readonly<Record<string, string>> = {
  name: 'run',
  start_time: 'started',
  duration: 'took',
  status_reason: 'why'
};
const WIDTHS: Readonly<Record<string, number>> = {
  name: 190,
  id: 88,
  status: 100,
  start_time: 104,
  duration: 96
};
const USUAL = 110;
const CURVE = 64;

/** Gives what names a column among all. */
export function nameOf({ entity, key }: Column): string {
  return `${entity} ${key}`;
}

/** Gives a column as it is asked for. */
export function asked({ entity, key }: Column): { entity: string; key: string } {
  return { entity, key };
}

export function titleOf({ entity, key }: Column): string {
  return entity === 'attribute' ? (TITLES[key] ?? key) : key;
}

export function hintOf(column: Column): string {
  if (column.entity === 'attribute') return titleOf(column);
  const better = column.ranked === true ? `, ${column.lower === true ? 'lower' : 'higher'} is better` : '';
  return `${column.entity} ${column.key}${better}`;
}

/** Gives how wide a column is, in pixels; small curves need room beside their numbers. */
export function widthOf({ entity, key }: Column, hasCurves: boolean): number {
  return (entity === 'attribute' ? (WIDTHS[key] ?? USUAL) : USUAL) + (hasCurves ? CURVE : 0);
}

/** Gives the order after a click on a column's title: the best or greatest first, then the other way, then none. */
export function nextSort(sort: Sort | null, column: Column): Sort | null {
  const first = !(column.entity === 'metric'
    ? column.lower === true
    : ['name', 'user', 'project'].includes(column.key));
  if (sort === null || nameOf(sort.column) !== nameOf(column)) return { column, descending: first };
  return sort.descending === first ? { column, descending: !first } : null;
}

/** Lets one choose which columns are shown. */
export class Chooser {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly list = el('div', { class: 'maestro-choices', role: 'group', 'aria-label': 'Columns' });
  private readonly find: HTMLInputElement;
  private readonly box: HTMLElement;
  private known: readonly Column[] = [];
  private shown = new Map<string, Column>();

  constructor(private readonly onChange: (shown: Column[]) => void) {
    this.button = el('button', { type: 'button', 'aria-expanded': 'false', onclick: this.toggle }, 'Columns');
    this.find = el('input', {
      type: 'search',
      placeholder: 'Find a column',
      'aria-label': 'Find a column',
      oninput: () => {
        this.fill();
      }
    });
    this.box = el('div', { class: 'maestro-chooser', hidden: true }, this.find, this.list);
    this.element = el('div', { class: 'maestro-popped', onkeydown: this.onKey }, this.button, this.box);
  }

  set(known: readonly Column[], shown: readonly Column[]): void {
    const all = new Map([...shown, ...known].map(column => [nameOf(column), column]));
    this.known = [...all.values()];
    this.shown = new Map(shown.map(column => [nameOf(column), column]));
    this.fill();
  }

  private readonly toggle = (): void => {
    this.box.hidden = !this.box.hidden;
    this.button.setAttribute('aria-expanded', String(!this.box.hidden));
    if (!this.box.hidden) this.find.focus();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || this.box.hidden) return;
    this.toggle();
    this.button.focus();
  };

  private fill(): void {
    const wanted = this.find.value.trim().toLowerCase();
    const fitting = this.known.filter(column => hintOf(column).toLowerCase().includes(wanted)).slice(0, 300);
    this.list.replaceChildren(
      ...fitting.map(column => {
        const box = el('input', { type: 'checkbox' });
        box.checked = this.shown.has(nameOf(column));
        box.addEventListener('change', () => {
          if (box.checked) this.shown.set(nameOf(column), column);
          else this.shown.delete(nameOf(column));
          this.onChange([...this.shown.values()]);
        });
        return el('label', {}, box, el('span', {}, hintOf(column).split(',')[0] ?? ''));
      })
    );
  }
}
