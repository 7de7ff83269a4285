/** Numbers and times as people read them, in the words of `maestro_jupyter.views.numbers`. */

const DIGITS = 4;
const MOST_DIGITS = 8;

/** What a cell may hold. */
export type Value = string | number | boolean | null | undefined;

/** Shows a value: a number with few significant digits, anything else as it is. */
export function shown(value: Value, digits = DIGITS): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  if (Math.abs(value) >= 10 ** digits && Math.abs(value) < 1e9) return value.toFixed(0);
  return String(Number(value.toPrecision(digits)));
}

/** Shows a score, with three digits after the point, so that those below each other compare. */
export const scoreShown = (value: number): string => value.toFixed(3);

/** Gives how many digits it takes to tell values apart, from 4 to 8. */
export function digitsFor(values: Iterable<Value>): number {
  const distinct = new Set([...values].filter(value => typeof value === 'number'));
  for (let digits = DIGITS; digits < MOST_DIGITS; digits++) {
    if (new Set([...distinct].map(value => shown(value, digits))).size === distinct.size) return digits;
  }
  return MOST_DIGITS;
}

/** Shows how long something took, in seconds. */
export function duration(seconds: number): string {
  if (seconds < 0.0005) return '<1 ms';
  if (seconds < 0.9995) return `${(seconds * 1000).toFixed(0)} ms`;
  if (seconds < 59.95) return `${String(Number(seconds.toPrecision(3)))} s`;
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes < 60) return rest ? `${String(minutes)} min ${String(rest)} s` : `${String(minutes)} min`;
  const [hours, left] = [Math.floor(minutes / 60), minutes % 60];
  return left ? `${String(hours)} h ${String(left)} min` : `${String(hours)} h`;
}

const UNITS = [
  [3600, 60, 'min'],
  [86_400, 3600, 'h'],
  [30 * 86_400, 86_400, 'days']
] as const;

/** Shows when something was; both in milliseconds since the epoch. */
export function ago(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  if (seconds < 45) return 'just now';
  for (const [limit, size, unit] of UNITS) {
    if (seconds >= limit) continue;
    const count = Math.max(1, Math.floor(seconds / size));
    return `${String(count)} ${unit === 'days' && count === 1 ? 'day' : unit} ago`;
  }
  return new Date(time).toISOString().slice(0, 10);
}

/** Shows a count with its noun. */
export function many(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
