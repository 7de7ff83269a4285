/** Axes of pictures of runs: where values stand on them, which are marked, and what a range of one chooses. */
import { isFinite, said, type Trait } from './compared.js';
import { shown, type Value } from './numbers.js';

export type Scale = 'linear' | 'log' | 'category';

/** An axis: numbers stand for themselves, and texts for their places among all. */
export interface Axis {
  scale: Scale;
  low: number;
  high: number;
  /** Of categories, the texts in their order. */
  labels: readonly string[];
  /** Where each run stands; undefined where it is not known. */
  at: readonly (number | undefined)[];
}

/** A range of an axis; null where it has no end. */
export interface Range {
  low: number | null;
  high: number | null;
}

export interface Tick {
  at: number;
  label: string;
}

/** Values that span more than this are looked at by their magnitudes. */
const SPAN = 100;
const COLLATOR = new Intl.Collator('en', { numeric: true });

/**
 * Gives the axis of what runs have: of magnitudes where numbers above 0 span far, unless told otherwise.
 *
 * A metric is always a number: one that is not finite has no place. Anything else with a text or a truth
 * among its values has categories.
 */
export function axisOf({ entity, values }: Pick<Trait, 'entity' | 'values'>, log?: boolean): Axis {
  const isNumbers = values.every(value => value === undefined || typeof value === 'number');
  return entity === 'metric' || isNumbers ? ofNumbers(values, log) : ofCategories(values);
}

/** Tells whether an axis of magnitudes can show all that is known. */
export function canBeLog({ scale, low }: Axis): boolean {
  return scale === 'log' || (scale === 'linear' && low > 0);
}

/** Gives where a value stands, from 0 at the low end to 1 at the high one. */
export function shareOf({ scale, low, high }: Axis, at: number): number {
  if (low === high) return 0.5;
  if (scale === 'log') return (Math.log(at) - Math.log(low)) / (Math.log(high) - Math.log(low));
  // Where the difference overflows, that of the halves does not.
  return Number.isFinite(high - low) ? (at - low) / (high - low) : (at / 2 - low / 2) / (high / 2 - low / 2);
}

/** Gives the value that stands at a share. */
export function valueAt({ scale, low, high }: Axis, share: number): number {
  if (scale === 'log') return Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low)));
  return Number.isFinite(high - low)
    ? low + share * (high - low)
    : 2 * (low / 2 + share * (high / 2 - low / 2));
}

/** Gives the same axis with room at both ends, so that nothing stands on an edge. */
export function padded(axis: Axis, by = 0.06): Axis {
  if (axis.low === axis.high) {
    const room = axis.scale === 'category' ? 1 : Math.abs(axis.low) / 10 || 1;
    return axis.scale === 'log'
      ? { ...axis, low: axis.low / 2, high: axis.high * 2 }
      : { ...axis, low: axis.low - room, high: axis.high + room };
  }
  const [low, high] = [valueAt(axis, -by), valueAt(axis, 1 + by)];
  return Number.isFinite(low) && Number.isFinite(high) ? { ...axis, low, high } : axis;
}

/** Gives the marks of an axis, about `most` at most. */
export function ticksOf(axis: Axis, most: number): Tick[] {
  if (axis.scale === 'category') {
    const every = Math.ceil(axis.labels.length / most);
    return axis.labels.flatMap((label, at) => (at % every === 0 ? [{ at, label }] : []));
  }
  if (axis.low === axis.high) return [{ at: axis.low, label: shown(axis.low) }];
  const found = axis.scale === 'log' ? magnitudes(axis, most) : steps(axis, most);
  const marks = found.filter(at => at >= axis.low - slack(axis.low) && at <= axis.high + slack(axis.high));
  const ends = [axis.low, axis.high];
  return (marks.length < 2 ? ends : marks).map(at => ({ at, label: shown(at) }));
}

/** Tells whether a range leaves anything out. */
export function isRange({ low, high }: Range): boolean {
  return low !== null || high !== null;
}

/** Gives the range between two shares of an axis, in either order; of categories, whole ones. */
export function rangeOf(axis: Axis, a: number, b: number): Range {
  const [from, to] = [Math.min(a, b), Math.max(a, b)].map(share => valueAt(axis, share));
  if (from === undefined || to === undefined) return { low: null, high: null };
  if (axis.scale === 'category') return { low: Math.ceil(from - 0.4), high: Math.floor(to + 0.4) };
  return { low: rounded(axis, from), high: rounded(axis, to) };
}

/** Tells of each run whether it stands in all ranges; one whose value is not known stands in none. */
export function chosenBy(ranges: readonly (readonly [Axis, Range])[], count: number): boolean[] {
  return Array.from({ length: count }, (_, run) =>
    ranges.every(([{ at }, range]) => !isRange(range) || isIn(range, at[run]))
  );
}

/** Says what stands at a place of an axis. */
export function saidAt({ scale, labels }: Axis, at: number): string {
  return scale === 'category' ? (labels[at] ?? '') : shown(at);
}

function isIn({ low, high }: Range, at: number | undefined): boolean {
  return at !== undefined && at >= (low ?? -Infinity) && at <= (high ?? Infinity);
}

function ofNumbers(values: readonly Value[], log: boolean | undefined): Axis {
  const at = values.map(value => (isFinite(value) ? value : undefined));
  const known = at.filter(isFinite);
  const low = known.length === 0 ? 0 : Math.min(...known);
  const high = known.length === 0 ? 1 : Math.max(...known);
  const isLog = low > 0 && (log ?? high / low > SPAN);
  return { scale: isLog ? 'log' : 'linear', low, high, labels: [], at };
}

function ofCategories(values: readonly Value[]): Axis {
  const texts = values.map(value => (value === undefined ? undefined : said(value)));
  const labels = [...new Set(texts.filter(text => text !== undefined))].sort(COLLATOR.compare);
  const at = texts.map(text => (text === undefined ? undefined : labels.indexOf(text)));
  return { scale: 'category', low: 0, high: Math.max(0, labels.length - 1), labels, at };
}

function steps({ low, high }: Axis, most: number): number[] {
  const least = (2 * (high / 2 - low / 2)) / most;
  if (!Number.isFinite(least) || least <= 0) return [];
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map(times => times * power).find(one => one >= least) ?? least;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  if (!(count <= 4 * most)) return [];
  // Of whole steps, so that 0.1 + 0.2 is 0.3.
  return Array.from({ length: Math.max(0, count) }, (_, place) =>
    Number(((first + place) * step).toPrecision(12))
  );
}

function magnitudes({ low, high }: Axis, most: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((last - first + 1) / most));
  const marks: number[] = [];
  for (let power = first; power <= last; power += every) marks.push(Number(`1e${String(power)}`));
  return marks;
}

/** How far a mark may be off by rounding. */
function slack(end: number): number {
  return Math.abs(end) * 1e-9;
}

/** Rounds an end of a range that was drawn by hand to what a hand can mean. */
function rounded(axis: Axis, value: number): number {
  if (value <= axis.low) return axis.low;
  return value >= axis.high ? axis.high : Number(value.toPrecision(4));
}
