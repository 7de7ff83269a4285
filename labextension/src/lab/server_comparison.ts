/** Asks the server for what is shown of runs side by side, as a notebook's widget asks the kernel. */
import { MaestroError, type Curve, type MaestroClient, type Run, type RunDetail } from '../api/index.js';
import { type Compared, type ComparedRun } from '../widgets/compared.js';
import { MOST_CURVES, type ComparisonSource } from '../widgets/comparison_source.js';
import { type CurvesQuestion, type Drawable } from '../widgets/curves_source.js';
import { Superseded } from '../widgets/exchange.js';
import { type Line, type Part } from '../widgets/lines.js';
import { directionOf, lowerIsBetter } from './better.js';

type Asked = Pick<MaestroClient, 'run' | 'runs' | 'runItself' | 'diff' | 'history'>;

const EPOCH = 'epoch';
/** How many points of a curve are asked for where a part of it is looked at: enough for every step of most. */
const OF_A_PART = 100_000;
const MICROSECONDS = 1e6;
/** How many lines are kept. */
const KEPT = 200;
/** How many questions are asked at once. */
const AT_ONCE = 4;

/** Gives the source of a comparison of some runs; what a newer question of a kind has overtaken is given up. */
export function serverComparison(
  client: Asked,
  ids: readonly string[],
  signal: AbortSignal
): ComparisonSource {
  const drawn = ids.slice(0, MOST_CURVES);
  const server = new Server(client, signal);
  return {
    compared: newest(async () => comparedOf(await server.runs(ids))),
    diff: newest((a: string, b: string) => client.diff(a, b, { signal })),
    drawable: newest(async () => drawableOf(await each(drawn, server.detail))),
    curves: newest((question: CurvesQuestion) => each(drawn, run => server.line(run, question)))
  };
}

/** What was asked of runs that have ended is kept: of them, nothing changes any more. */
class Server {
  private readonly details = new Map<string, RunDetail>();
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly client: Asked,
    private readonly signal: AbortSignal
  ) {}

  /** Gives runs in the order of their ids; those that a list does not show are asked for one by one. */
  async runs(ids: readonly string[]): Promise<Run[]> {
    const { signal } = this;
    const filter = `run_id in (${ids.map(id => `'${id}'`).join(', ')})`;
    const { items } = await this.client.runs({ filter, limit: ids.length }, { signal });
    const known = new Map(items.map(run => [run.run_id, run]));
    return each(ids, async id => known.get(id) ?? this.client.runItself(id, { signal }));
  }

  readonly detail = async (run: string): Promise<RunDetail> => {
    const known = this.details.get(run);
    if (known !== undefined && known.run.status !== 'RUNNING') return known;
    const detail = await this.client.run(run, { signal: this.signal });
    this.details.set(run, detail);
    return detail;
  };

  async line(run: string, question: CurvesQuestion): Promise<Line> {
    const name = JSON.stringify([run, question]);
    const known = this.lines.get(name);
    if (known !== undefined) return known;
    const hasEnded = ![undefined, 'RUNNING'].includes(this.details.get(run)?.run.status);
    const line = await lineOf(this.client, run, question, this.signal);
    if (this.lines.size >= KEPT) this.lines.clear();
    if (hasEnded) this.lines.set(name, line);
    return line;
  }
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

function drawableOf(details: readonly RunDetail[]): Drawable {
  const curved = details.flatMap(({ metrics }) => metrics.filter(({ count }) => count > 1));
  const keys = [...new Set(curved.map(({ key }) => key))].sort();
  return {
    runs: details.map(({ run }) => ({ id: run.run_id, name: run.name, status: run.status })),
    metrics: keys.map(key => ({ key, lower: lowerIsBetter(key) })),
    epochs: keys.includes(EPOCH)
  };
}

async function lineOf(
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
