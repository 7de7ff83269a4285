/** What changed from one run to another, as tables and changes of cells. */
import { type Direction } from './compared.js';
import { el } from './dom.js';
import { shown, type Value } from './numbers.js';
import { code, part, table } from './tables.js';
import type { RunDiff } from '../api/models.js';
import type { Words } from './words.js';

type Change = RunDiff['params'][number];
type Measured = RunDiff['metrics'][number];

/** Gives the parts that say what changed; a sentence where nothing did. With directions, what is better is said. */
export function changesOf(
  diff: RunDiff,
  words: Words,
  directions: Readonly<Record<string, Direction>> = {}
): HTMLElement[] {
  const titles = [words.__('what'), words.__('before'), words.__('after')];
  const measured = diff.metrics.filter(({ kind }) => kind !== 'same');
  const parts = [
    ...part(
      words.__('Metrics'),
      table(
        [...titles, words.__('difference')],
        measured.map(metric => [...rowOf(metric, words), differing(metric, directions, words)])
      )
    ),
    ...part(words.__('Parameters'), table(titles, rowsOf(diff.params, words))),
    ...part(
      words.__('Data'),
      table(
        titles,
        diff.datasets.map(data => [data.role, shapeOf(data.shape_a), shapeOf(data.shape_b)])
      )
    ),
    ...part(words.__('Cells'), ...cellsOf(diff, words)),
    ...part(words.__('Environment'), table(titles, rowsOf([...diff.environment, ...diff.packages], words))),
    ...part(
      words.__('Code'),
      table(
        titles,
        rowsOf(
          diff.code.filter(({ name }) => name !== 'uncommitted diff'),
          words
        )
      )
    ),
    ...part(words.__('Run'), table(titles, rowsOf(diff.run, words))),
    ...diff.unknown.map(name => el('p', {}, words.__('%1: not recorded for both.', name)))
  ];
  return parts.length > 0 ? parts : [el('p', {}, words.__('Nothing that is recorded differs.'))];
}

/** Gives each cell that differs, by its place among those that ran; those that do not are counted. */
function cellsOf({ cells, same_cells }: RunDiff, words: Words): HTMLElement[] {
  const kinds: Readonly<Record<string, string>> = {
    added: words.__('new'),
    removed: words.__('gone'),
    changed: words.__('changed')
  };
  const changed = cells.flatMap(cell => [
    el(
      'div',
      { class: 'maestro-cell-place' },
      words.__('Cell execution %1, %2', cell.number_b ?? cell.number_a ?? '?', kinds[cell.kind] ?? cell.kind)
    ),
    code(textOf(cell), words.__('Changed cell'), true)
  ]);
  if (same_cells === 0) return changed;
  const same = words._n(
    '%2 cell is the same.',
    '%2 cells are the same.',
    same_cells,
    same_cells.toLocaleString()
  );
  return [...changed, el('p', { class: 'maestro-quiet' }, same)];
}

function differing(
  metric: Measured,
  directions: Readonly<Record<string, Direction>>,
  words: Words
): HTMLElement | string {
  const text = differenceOf(metric);
  const direction = Object.hasOwn(directions, metric.name) ? directions[metric.name] : undefined;
  if (direction?.ranked !== true || !metric.difference) return text;
  const isBetter = metric.difference < 0 === direction.lower;
  const verdict = isBetter ? words.__('▲ better') : words.__('▼ worse');
  return el(
    'span',
    {},
    `${text} `,
    el('span', { class: isBetter ? 'maestro-good' : 'maestro-bad' }, verdict)
  );
}

function rowsOf(changes: readonly Change[], words: Words): Value[][] {
  return changes.map(change => rowOf(change, words));
}

function rowOf({ name, kind, a, b }: Change, words: Words): Value[] {
  const side = (value: Value, isThere: boolean): Value => (isThere ? (value ?? 'None') : words.__('(none)'));
  return [name, side(a, kind !== 'added'), side(b, kind !== 'removed')];
}

/** Gives a difference with its sign, and its share where that is known. */
export function differenceOf({ difference, relative }: Pick<Measured, 'difference' | 'relative'>): string {
  if (difference === null) return '';
  const share = relative === null ? '' : ` (${signed(Number((relative * 100).toPrecision(3)))} %)`;
  return `${signed(difference)}${share}`;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${shown(value)}`;
}

function shapeOf(shape: readonly number[] | null): string {
  return shape === null ? '' : shape.join(' × ');
}

/** Gives a cell's change; one that is new or gone as a whole. */
function textOf({ kind, a, b, diff }: RunDiff['cells'][number]): string {
  if (kind === 'changed') return diff;
  const [sign, text] = kind === 'added' ? ['+', b ?? ''] : ['-', a ?? ''];
  return text
    .split('\n')
    .map(line => `${sign}${line}`)
    .join('\n');
}
