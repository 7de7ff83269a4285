/** What changed from one run to another, as tables and changes of cells. */
import { shown, type Value } from '../widgets/numbers.js';
import { code, part, table } from './tables.js';
import type { RunDiff } from '../api/index.js';
import type { Words } from './words.js';

type Change = RunDiff['params'][number];
type Measured = RunDiff['metrics'][number];

/** Gives the parts that say what changed; a sentence where nothing did. */
export function changesOf(diff: RunDiff, words: Words): HTMLElement[] {
  const titles = [words.__('what'), words.__('before'), words.__('after')];
  const measured = diff.metrics.filter(({ kind }) => kind !== 'same');
  const parts = [
    ...part(
      words.__('Metrics'),
      table(
        [...titles, words.__('difference')],
        measured.map(metric => [...rowOf(metric, words), differenceOf(metric)])
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
    ...part(words.__('Cells'), ...diff.cells.map(cell => code(textOf(cell), words.__('Changed cell'), true))),
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
    ...part(words.__('Run'), table(titles, rowsOf(diff.run, words)))
  ];
  if (parts.length > 0) return parts;
  const same = document.createElement('p');
  same.textContent = words.__('Nothing that is recorded differs.');
  return [same];
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
