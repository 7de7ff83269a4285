/** Asks the server for what is shown of runs side by side, as a notebook's widget asks the kernel. */
import { MaestroError, type Curve, type MaestroClient, type Run } from '../api/index.js';
import { type Compared, type ComparedRun } from '../widgets/compared.js';
import { MOST_CURVES, type ComparisonSource } from '../widgets/comparison_source.js';
import { type CurvesQuestion, type Drawable } from '../widgets/curves_source.js';
import { Superseded } from '../widgets/exchange.js';
import { type Line, type Part } from '../widgets/lines.js';
import { directionOf, lowerIsBetter } from './better.js';

type Asked = Pick<MaestroClient, 'run' | 'runItself' | 'diff' | 'history'>;

const EPOCH = 'epoch';
/** How many points of a curve are asked for where a part of it is looked at: enough for every step of most. */
const OF_A_PART = 100_000;
const MICROSECONDS = 1e6;
/** How many questions are asked at once. */
const AT_ONCE = 4;

/** Gives the source of a comparison of some runs; what a newer question of a kind has overtaken is given up. */
export function serverComparison(
  client: Asked,
  ids: readonly string[],
  signal: AbortSignal
): ComparisonSource {
  const drawn = ids.slice(0, MOST_CURVES);
  const options = { signal };
  return {
    compared: newest(async () => comparedOf(await each(ids, id => client.runItself(id, options)))),
    diff: newest((a: string, b: string) => client.diff(a, b, options)),
    drawable: newest(async () => drawableOf(await each(drawn, id => client.run(id, options)))),
    curves: newest((question: CurvesQuestion) => each(drawn, id => line(client, id, question, signal)))
  };
}

/** Gives what runs have, with the direction of each metric. */
export function comparedOf(runs: readonly Run[]): Compared {
  const metrics = new Set(runs.flatMap(run => Object.keys(run.metrics)));
  const directions = Object.fromEntries([...metrics].map(key => [key, directionOf(key)]));
  return { runs: runs.map(compared), directions };
}

/** Gives the points of a part of a line, and the next one on either side, so that lines reach the edges. */
export function partOf({ along, values }: Line, { low, high }: Part): Line {
  const places = Array.from(along);
  const isIn = (place: number): boolean => place >= (low ?? -Infinity) && place <= (high ?? Infinity);
  const inside = places.flatMap((place, at) => (isIn(place) ? [at] : []));
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined) return { along: [], values: [] };
  const [from, to] = [Math.max(0, first - 1), last + 2];
  return { along: places.slice(from, to), values: Array.from(values).slice(from, to) };
}

/** Gives where points stand along epochs: between those that were logged, in a straight line. */
export function interpolated(
  steps: readonly number[],
  known: readonly number[],
  at: readonly number[]
): number[] {
  let next = 0;
  return steps.map(step => {
    while (next < known.length && (known[next] ?? 0) < step) next++;
    const [right, left] = [known[next], known[next - 1]];
    if (right === undefined) return at.at(-1) ?? 0;
    if (left === undefined) return at[0] ?? 0;
    const share = (step - left) / (right - left);
    return (at[next - 1] ?? 0) + share * ((at[next] ?? 0) - (at[next - 1] ?? 0));
  });
}

function compared(run: Run): ComparedRun {
  const started = Date.parse(run.start_time);
  return {
    id: run.run_id,
    name: run.name,
    status: run.status,
    reason: run.status_reason,
    started,
    took: run.end_time === null ? null : (Date.parse(run.end_time) - started) / 1000,
    params: run.params,
    metrics: run.metrics
  };
}

function drawableOf(details: readonly Awaited<ReturnType<Asked['run']>>[]): Drawable {
  const curved = details.flatMap(({ metrics }) => metrics.filter(({ count }) => count > 1));
  const keys = [...new Set(curved.map(({ key }) => key))].sort();
  return {
    runs: details.map(({ run }) => ({ id: run.run_id, name: run.name, status: run.status })),
    metrics: keys.map(key => ({ key, lower: lowerIsBetter(key) })),
    epochs: keys.includes(EPOCH)
  };
}

async function line(
  client: Asked,
  run: string,
  question: CurvesQuestion,
  signal: AbortSignal
): Promise<Line> {
  const isWhole = question.low === null && question.high === null;
  const query = { max_points: isWhole ? question.points : OF_A_PART };
  try {
    const curve = await client.history(run, question.metric, query, { signal });
    const along = await placesOf(client, run, question.axis, curve, signal);
    return partOf({ along, values: curve.values }, question);
  } catch (error) {
    if (!(error instanceof MaestroError && error.status === 404)) throw error;
    return { along: [], values: [] };
  }
}

async function placesOf(
  client: Asked,
  run: string,
  axis: string,
  { steps, times }: Curve,
  signal: AbortSignal
): Promise<number[]> {
  if (axis === 'step') return steps;
  if (axis === 'time') {
    const first = times.reduce((least, time) => Math.min(least, time), Infinity);
    return times.map(time => (time - first) / MICROSECONDS);
  }
  const epochs = await client.history(run, EPOCH, { max_points: OF_A_PART }, { signal });
  return interpolated(steps, epochs.steps, epochs.values);
}

/** Asks about each, a few at once, and gives the answers in their order. */
async function each<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(ask))));
  }
  return answers;
}

/** Lets only the newest question be answered. */
function newest<Given extends unknown[], Answer>(
  ask: (...given: Given) => Promise<Answer>
): (...given: Given) => Promise<Answer> {
  let turn = 0;
  return async (...given) => {
    const own = ++turn;
    const isNewest = (): boolean => own === turn;
    try {
      const answer = await ask(...given);
      if (isNewest()) return answer;
    } catch (error) {
      if (isNewest()) throw error;
    }
    throw new Superseded();
  };
}
