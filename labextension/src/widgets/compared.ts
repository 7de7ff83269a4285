/** What runs that are compared have: what differs between them, and which is the best, as plain data. */
import { shown, type Value } from './numbers.js';

/** A run, as it is compared. */
export interface ComparedRun {
  id: string;
  name: string;
  status: string;
  reason: string;
  /** In milliseconds since 1970. */
  started: number;
  /** In seconds; null while it goes on. */
  took: number | null;
  /** None is null; what is missing is not there. */
  params: Readonly<Record<string, Value>>;
  metrics: Readonly<Record<string, Value>>;
}

/** Whether a metric's values have a better and a worse, and whether lower ones are better. */
export interface Direction {
  ranked: boolean;
  lower: boolean;
}

export interface Compared {
  runs: readonly ComparedRun[];
  /** By metric. */
  directions: Readonly<Record<string, Direction>>;
}

/** Something that runs may have. */
export interface Trait {
  entity: 'attribute' | 'metric' | 'param';
  key: string;
  /** By run; undefined where it is not known. */
  values: readonly Value[];
  direction: Direction | undefined;
}

/** How long a run took, in seconds. */
const TOOK = 'took (s)';

/** Gives what the runs have: parameters with the estimator first, then metrics, then how long they took. */
export function traitsOf({ runs, directions }: Compared): Trait[] {
  const params = keysOf(runs.map(run => run.params));
  const first = params.includes('estimator') ? ['estimator'] : [];
  return [
    ...[...first, ...params.filter(key => key !== 'estimator')].map((key): Trait => ({
      entity: 'param',
      key,
      values: runs.map(run => own(run.params, key)),
      direction: undefined
    })),
    ...keysOf(runs.map(({ metrics }) => metrics)).map((key): Trait => ({
      entity: 'metric',
      key,
      values: runs.map(({ metrics }) => own(metrics, key)),
      direction: own(directions, key)
    })),
    {
      entity: 'attribute',
      key: TOOK,
      values: runs.map(({ took }) => took ?? undefined),
      direction: undefined
    }
  ];
}

/** Gives what names a trait among all. */
export function nameOf({ entity, key }: Pick<Trait, 'entity' | 'key'>): string {
  return `${entity} ${key}`;
}

/** Tells whether runs differ in it: one that lacks it differs from one that has it, and NaN is NaN. */
export function differs({ values }: Pick<Trait, 'values'>): boolean {
  return values.some(value => !Object.is(plainZero(value), plainZero(values[0])));
}

/** Gives the places of the runs with the best value; none where there is nothing to choose between. */
export function bestOf({ values, direction }: Pick<Trait, 'values' | 'direction'>): ReadonlySet<number> {
  const known = values.filter(isFinite);
  if (direction?.ranked !== true || new Set(known).size < 2) return new Set();
  const best = known.reduce((a, b) => (direction.lower ? Math.min(a, b) : Math.max(a, b)));
  return new Set(values.flatMap((value, place) => (value === best ? [place] : [])));
}

/** Shows a value as its kind of trait is shown: True and None as Python has them, a class by its last name. */
export function said(value: Value, digits?: number): string {
  if (value === undefined) return '';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'string') return shown(value, digits);
  return /^(?:[\p{L}_][\p{L}\p{N}_]*\.)+(\p{Lu}[\p{L}\p{N}_]*)$/u.exec(value)?.[1] ?? value;
}

/** Tells a number that is one. */
export function isFinite(value: Value): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function plainZero(value: Value): Value {
  return value === 0 ? 0 : value;
}

function keysOf(each: readonly Readonly<Record<string, Value>>[]): string[] {
  return [...new Set(each.flatMap(known => Object.keys(known)))].sort((a, b) => (a < b ? -1 : 1));
}

/** Gives what is said under a key, and not what every object has under it. */
function own<Kind>(known: Readonly<Record<string, Kind>>, key: string): Kind | undefined {
  return Object.hasOwn(known, key) ? known[key] : undefined;
}
