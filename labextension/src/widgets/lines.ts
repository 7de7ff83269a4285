/** Curves as a chart takes them: put side by side, smoothed, and told apart by more than their colours. */

/** One run's points along an axis. */
export interface Line {
  along: ArrayLike<number>;
  values: ArrayLike<number>;
}

/** A place along the axis has no value, which a line passes over; null is a gap in it. */
export type Value = number | null | undefined;

// As in the static form: mid-tones that are told apart on white and on black.
const COLOURS = [
  '#3b82d6',
  '#e07b39',
  '#2c9a57',
  '#d9483f',
  '#9065c8',
  '#a9745a',
  '#d66fb0',
  '#8a8a8a',
  '#a8a432',
  '#28a9b8'
];
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [9, 3, 2, 3]];

/** Gives the colour and the dashes of a line by its place: no two of forty are alike, nor any two neighbours' dashes. */
export function styleOf(place: number): { colour: string; dash: readonly number[] } {
  const colour = COLOURS[place % COLOURS.length] ?? '';
  const turn = place + Math.floor(place / COLOURS.length);
  return { colour, dash: DASHES[turn % DASHES.length] ?? [] };
}

/** Reads lines from numbers: of each, its places and then its values. */
export function linesIn(numbers: Float64Array, counts: readonly number[]): Line[] {
  let from = 0;
  return counts.map(count => {
    const along = numbers.subarray(from, from + count);
    const values = numbers.subarray(from + count, from + 2 * count);
    from += 2 * count;
    return { along, values };
  });
}

/** Puts lines side by side: all places of any, and what each has there. */
export function aligned(lines: readonly Line[]): [number[], ...Value[][]] {
  const all = new Set<number>();
  for (const { along } of lines) for (const place of Array.from(along)) all.add(place);
  const places = [...all].sort((a, b) => a - b);
  const indexOf = new Map(places.map((place, index) => [place, index]));
  const columns = lines.map(({ along, values }) => {
    const column = new Array<Value>(places.length).fill(undefined);
    for (let at = 0; at < along.length; at++) {
      const value = values[at] ?? NaN;
      column[indexOf.get(along[at] ?? 0) ?? 0] = Number.isFinite(value) ? value : null;
    }
    return column;
  });
  return [places, ...columns];
}

/** Gives what a logarithmic axis can show. */
export function positive(values: readonly Value[]): Value[] {
  return values.map(value => (typeof value === 'number' && value <= 0 ? null : value));
}

/**
 * Smooths a line: each value is a mean of those before it, the nearer the heavier.
 *
 * With a weight of 0 it stays as it is; the first values are not pulled towards 0, and a gap stays one.
 */
export function smoothed(values: ArrayLike<number>, weight: number): Float64Array {
  const made = new Float64Array(values.length);
  let [sum, total] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? NaN;
    if (!Number.isFinite(value)) {
      made[at] = value;
      continue;
    }
    sum = weight * sum + (1 - weight) * value;
    total = weight * total + (1 - weight);
    made[at] = sum / total;
  }
  return made;
}

/** A part of an axis; null where it has no end. */
export interface Part {
  low: number | null;
  high: number | null;
}

export const WHOLE: Part = { low: null, high: null };

/** Gives a part that is moved by a share of itself, and as long as `by` times itself. */
export function moved({ low, high }: { low: number; high: number }, shift: number, by: number): Part {
  const reach = high - low;
  const middle = low + reach / 2 + shift * reach;
  return { low: middle - (reach * by) / 2, high: middle + (reach * by) / 2 };
}
