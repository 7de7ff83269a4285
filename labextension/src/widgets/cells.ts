/** What the cells of a table of runs show. */
import { type Column } from './columns.js';
import { el, say } from './dom.js';
import { ago, duration, shown } from './numbers.js';
import { sparkline } from './sparkline.js';
import { statusOf } from './statuses.js';
import { PLAIN } from './words.js';

export interface Row {
  id: string;
  name: string;
  status: string;
  reason: string;
  /** What is under it, such as "3 candidates". */
  below: string;
  /** The path of the notebook that made it. */
  notebook: string | null;
  archived: boolean;
  /** By the columns that were asked for, without the first. */
  cells: readonly (string | number | boolean | null)[];
}

/** What is known of a metric's column. */
export interface Measured {
  digits: number;
  /** The run with the best value. */
  best: string | undefined;
  /** The small curve of a run; undefined where there is none. */
  curve: (run: string) => ArrayLike<number> | undefined;
}

/** Writes the name of a run. */
export function fillName(cell: HTMLElement, row: Row): void {
  cell.title = row.name;
  const below = row.below === '' ? [] : [el('span', { class: 'maestro-quiet' }, ` (${row.below})`)];
  cell.replaceChildren(row.name, ...below);
}

/** Writes one value of a run. */
export function fillCell(
  cell: HTMLElement,
  row: Row,
  column: Column,
  value: Row['cells'][number],
  measured: Measured | undefined
): void {
  cell.classList.remove('maestro-busy', 'maestro-good', 'maestro-bad', 'maestro-warn', 'maestro-best');
  if (measured !== undefined && value !== null) {
    fillMetric(cell, row, column, value, measured);
    return;
  }
  const text = column.entity === 'attribute' ? attribute(column.key, value) : shown(value);
  say(cell, text);
  cell.title = titleFor(row, column, value, text);
  cell.classList.toggle('maestro-id', column.entity === 'attribute' && column.key === 'id');
  if (column.key !== 'status' || column.entity !== 'attribute') return;
  const { style } = statusOf(row.status, PLAIN);
  if (style !== '') cell.classList.add(style);
}

function fillMetric(
  cell: HTMLElement,
  row: Row,
  column: Column,
  value: NonNullable<Row['cells'][number]>,
  { digits, best, curve }: Measured
): void {
  const isBest = best === row.id;
  const values = curve(row.id);
  const text = `${isBest ? '★ ' : ''}${shown(value, digits)}`;
  cell.title = isBest ? `best ${column.key}: ${String(value)}` : String(value);
  cell.classList.toggle('maestro-best', isBest);
  if (values === undefined) say(cell, text);
  else {
    const label = `${String(values.length)} points from ${shown(values[0])} to ${shown(values[values.length - 1])}`;
    cell.replaceChildren(sparkline(values, label), ` ${text}`);
  }
}

function attribute(key: string, value: Row['cells'][number]): string {
  if (value === null) return '';
  switch (key) {
    case 'id':
      return String(value).slice(0, 8);
    case 'status': {
      const { icon, word } = statusOf(String(value), PLAIN);
      return `${icon} ${word}`;
    }
    case 'start_time':
      return ago(Number(value), Date.now());
    case 'duration':
      return duration(Number(value));
    default:
      return String(value);
  }
}

function titleFor(row: Row, column: Column, value: Row['cells'][number], text: string): string {
  if (column.entity !== 'attribute') return value === null ? '' : String(value);
  if (column.key === 'start_time') return new Date(Number(value)).toLocaleString();
  if (column.key === 'status') return row.reason;
  return column.key === 'id' ? row.id : text;
}
