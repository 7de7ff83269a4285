/** What runs are compared by, as a server tells it. */
import { expect, test, vi } from 'vitest';
import { directionOf } from '../../../src/lab/better.js';
import { interpolated, partOf, serverComparison } from '../../../src/lab/server_comparison.js';
import { Superseded } from '../../../src/widgets/exchange.js';
import { MaestroError, type Run, type RunDetail } from '../../../src/api/index.js';

const SIGNAL = new AbortController().signal;
const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];

function aRun(run_id: string, fields: Partial<Run> = {}): Run {
  return {
    run_id,
    name: run_id,
    status: 'FINISHED',
    status_reason: '',
    start_time: '2026-01-01T00:00:00Z',
    end_time: '2026-01-01T00:00:02Z',
    params: { depth: 1 },
    metrics: { val_loss: NaN },
    ...fields
  } as Run;
}

/** Answers as a server does, and as late as it is told. */
function client(answer: (run: string) => Promise<Run> = async run => Promise.resolve(aRun(run))) {
  const metrics = [
    { key: 'loss', count: 3 },
    { key: 'once', count: 1 }
  ] as RunDetail['metrics'];
  return {
    runs: async () => Promise.resolve({ items: [], cursor: null }),
    runItself: answer,
    run: async (run: string) => Promise.resolve({ run: aRun(run), metrics } as RunDetail),
    diff: async () => Promise.reject(new MaestroError('No.', 'not_found', '', 404)),
    history: async (run: string, key: string) =>
      run === B
        ? Promise.reject(new MaestroError('No.', 'not_found', '', 404))
        : Promise.resolve({ key, steps: [0, 1, 2], times: [5e6, 6e6, 7e6], values: [3, 2, 1] })
  };
}

test('runs come with their times and the directions of their metrics', async () => {
  const { runs, directions } = await serverComparison(client(), [A, B], SIGNAL).compared();
  expect(runs.map(({ id, took, params }) => [id, took, params['depth']])).toEqual([
    [A, 2, 1],
    [B, 2, 1]
  ]);
  expect(directions).toEqual({ val_loss: { ranked: true, lower: true } });
});

test('directions are guessed as the kernel guesses them', () => {
  expect(['cv_score_std', 'lr', 'epochs', 'accuracy'].map(key => directionOf(key).ranked)).toEqual([
    false,
    false,
    false,
    true
  ]);
});

test('only metrics with a curve can be drawn; a run without one has no points', async () => {
  const source = serverComparison(client(), [A, B], SIGNAL);
  expect((await source.drawable()).metrics).toEqual([{ key: 'loss', lower: true }]);
  const question = { metric: 'loss', axis: 'time', points: 200, low: null, high: null };
  const [first, second] = await source.curves(question);
  expect(first).toEqual({ along: [0, 1, 2], values: [3, 2, 1] });
  expect(second?.along).toHaveLength(0);
});

test('an older question gives way to a newer one of its kind', async () => {
  const waiting: ((run: Run) => void)[] = [];
  const source = serverComparison(
    client(async () => new Promise<Run>(resolve => waiting.push(resolve))),
    [A],
    SIGNAL
  );
  const [older, newer] = [source.compared(), source.compared()];
  await vi.waitFor(() => {
    expect(waiting).toHaveLength(2);
  });
  waiting[1]?.(aRun(B));
  waiting[0]?.(aRun(A));
  await expect(older).rejects.toBeInstanceOf(Superseded);
  expect((await newer).runs[0]?.id).toBe(B);
});

test('a part of a line reaches the edges', () => {
  const line = { along: [0, 1, 2, 3, 4], values: [5, 6, 7, 8, 9] };
  expect(partOf(line, { low: 1.5, high: 2.5 })).toEqual({ along: [1, 2, 3], values: [6, 7, 8] });
  expect(partOf(line, { low: null, high: null })).toEqual(line);
  expect(partOf(line, { low: 9, high: null })).toEqual({ along: [], values: [] });
});

test('steps stand between the epochs that were logged', () => {
  expect(interpolated([0, 5, 10, 15, 30], [10, 20], [1, 2])).toEqual([1, 1, 1, 1.5, 2]);
  expect(interpolated([1], [], [])).toEqual([0]);
});

test('runs come from one list, in their order; those that it does not show are asked for alone', async () => {
  const asked: string[] = [];
  const server = client(async run => {
    asked.push(run);
    return Promise.resolve(aRun(run));
  });
  const runs = async (query: { filter: string; limit: number }) => {
    expect(query).toEqual({ filter: `run_id in ('${B}', '${A}')`, limit: 2 });
    return Promise.resolve({ items: [aRun(A)], cursor: null });
  };
  const compared = await serverComparison({ ...server, runs }, [B, A], SIGNAL).compared();
  expect(compared.runs.map(({ id }) => id)).toEqual([B, A]);
  expect(asked).toEqual([B]);
});

test('curves of runs that have ended are asked for once, of those that go on again and again', async () => {
  const asked: string[] = [];
  const server = client();
  const history = async (run: string, key: string) => {
    asked.push(run);
    return server.history(A, key);
  };
  const run = async (id: string) => {
    const detail = await server.run(id);
    return id === A ? detail : { ...detail, run: aRun(id, { status: 'RUNNING' }) };
  };
  const source = serverComparison({ ...server, run, history }, [A, B], SIGNAL);
  const question = { metric: 'loss', axis: 'step', points: 200, low: null, high: null };
  await source.drawable();
  for (let times = 0; times < 3; times++) await source.curves(question);
  expect(asked).toEqual([A, B, B, B]);
  await source.curves({ ...question, low: 1 });
  expect(asked.slice(4)).toEqual([A, B]);
});
