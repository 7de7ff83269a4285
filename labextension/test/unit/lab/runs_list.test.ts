/** The runs of the side panel: what is asked for, and what live events change. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MaestroError, type LiveEvent, type Page } from '../../../src/api/index.js';
import {
  keyMetric,
  PAGE,
  patternOf,
  queryOf,
  RunsList,
  secondsOf,
  type Row,
  type Source
} from '../../../src/lab/runs_list.js';

const row = (number: number, more: Partial<Row> = {}): Row => ({
  run_id: `run${String(number)}`,
  name: `run ${String(number)}`,
  project: 'p',
  status: 'FINISHED',
  status_reason: '',
  start_time: '2026-01-01T00:00:00Z',
  end_time: '2026-01-01T00:00:05Z',
  metrics: {},
  notebook: null,
  archived: null,
  ...more
});

/** A server with some runs, the newest first. */
class Server implements Source {
  asked: string[] = [];
  rows: Row[] = [];
  /** What a page that is not the first waits for. */
  ready = Promise.resolve();

  async runFields(
    _fields: string[],
    query: { filter?: string; cursor?: string | null } = {}
  ): Promise<Page<Row>> {
    if (query.filter?.includes('>>') === true) {
      throw new MaestroError('The filter is wrong at character 4.', 'invalid', '', 400);
    }
    this.asked.push(query.filter ?? '');
    const from = Number(query.cursor ?? 0);
    if (from > 0) await this.ready;
    const items = this.rows.slice(from, from + PAGE);
    return { items, cursor: from + PAGE < this.rows.length ? String(from + PAGE) : null };
  }

  countRuns(): Promise<number> {
    return Promise.resolve(this.rows.length);
  }

  runs(query: { filter?: string } = {}): Promise<never> {
    if (query.filter?.includes('>>') === true) {
      return Promise.reject(new MaestroError('The filter is wrong at character 3.', 'invalid', '', 400));
    }
    return Promise.resolve({ items: [], cursor: null } as never);
  }
}

const event = (run_id: string, more: Partial<LiveEvent> = {}): LiveEvent => ({
  number: 1,
  time: '',
  kinds: ['metrics'],
  run_id,
  text: null,
  name: null,
  project: null,
  status: null,
  status_reason: null,
  metrics: {},
  archived: null,
  ...more
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a notebook with a quote in its name is asked for, and a filter stands for itself', () => {
  expect(queryOf({ kind: 'notebook', pattern: "/root/it's.ipynb" }, 'x = 1 or y = 2')).toEqual({
    filter: "(x = 1 or y = 2) and notebook like '/root/it''s.ipynb'"
  });
  expect(queryOf({ kind: 'project', name: 'p' }, '')).toEqual({ filter: 'parent_id is null', project: 'p' });
});

test('a notebook is told from others of its name as far as the server tells its root', () => {
  expect(patternOf('/srv/work/', 'a.ipynb')).toBe('/srv/work/a.ipynb');
  expect(patternOf('~/work', 'b/a.ipynb')).toBe('%/work/b/a.ipynb');
  expect(patternOf('~', 'a.ipynb')).toBe('%/a.ipynb');
  expect(patternOf('', 'a.ipynb')).toBe('%/a.ipynb');
});

test('pages follow one another without a run twice, though runs were added in between', async () => {
  const server = new Server();
  server.rows = Array.from({ length: PAGE + 10 }, (_, number) => row(number));
  const list = new RunsList(server);
  await list.show({ kind: 'all' }, '');
  expect([list.rows.length, list.total, list.hasMore]).toEqual([PAGE, PAGE + 10, true]);
  server.rows.unshift(row(1000));
  await list.more();
  const ids = list.rows.map(({ run_id }) => run_id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.at(-1)).toBe(`run${String(PAGE + 9)}`);
  expect(list.hasMore).toBe(false);
});

test('a page that comes after the runs were read anew is asked for again', async () => {
  const server = new Server();
  server.rows = Array.from({ length: PAGE + 10 }, (_, number) => row(number));
  let release = (): void => undefined;
  server.ready = new Promise(resolve => {
    release = resolve;
  });
  const list = new RunsList(server);
  // As the rows do whose end is in sight.
  list.changed.on(() => {
    if (list.hasMore) void list.more();
  });
  await list.show({ kind: 'all' }, '');
  await list.refresh();
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(list.rows.length).toBe(PAGE + 10);
});

test("a page's place in one list is never asked for in another", async () => {
  const server = new Server();
  server.rows = Array.from({ length: PAGE + 10 }, (_, number) => row(number));
  const list = new RunsList(server);
  await list.show({ kind: 'all' }, '');
  const shown = list.show({ kind: 'project', name: 'p' }, '');
  const more = list.more();
  await Promise.all([shown, more]);
  expect(server.asked.length).toBe(2);
});

test("a wrong filter is told in the server's words, with its own position, and asks for no runs", async () => {
  const server = new Server();
  const list = new RunsList(server);
  await list.show({ kind: 'notebook', pattern: 'a.ipynb' }, 'a >> 1');
  expect(list.error?.message).toBe('The filter is wrong at character 3.');
  expect(server.asked).toEqual([]);
  await list.show({ kind: 'all' }, '');
  expect(list.error).toBeUndefined();
});

test('what is told of a known run is shown at once; a new run is fetched', async () => {
  const server = new Server();
  server.rows = [row(1, { status: 'RUNNING', metrics: { loss: 2 } })];
  const list = new RunsList(server);
  await list.show({ kind: 'all' }, '');
  list.told({ items: [event('run1', { metrics: { acc: 1 } })], last: 1, reset: false });
  expect(list.rows[0]?.metrics).toEqual({ loss: 2, acc: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.asked.length).toBe(1);
  server.rows.unshift(row(2, { status: 'RUNNING' }));
  list.told({ items: [event('run2', { kinds: ['started'] })], last: 2, reset: false });
  await vi.advanceTimersByTimeAsync(1000);
  expect(list.rows.map(({ run_id }) => run_id)).toEqual(['run2', 'run1']);
  list.close();
});

test('a run that was put away leaves the list, and one that was taken back is looked for', async () => {
  const server = new Server();
  server.rows = Array.from({ length: PAGE + 10 }, (_, number) => row(number));
  const list = new RunsList(server);
  await list.show({ kind: 'all' }, '');
  await list.more();
  const last = `run${String(PAGE + 9)}`;
  server.rows.pop();
  const away = event(last, { kinds: ['changed'], archived: '2026-01-01T00:00:00Z' });
  list.told({ items: [away], last: 1, reset: false });
  expect(list.rows.map(({ run_id }) => run_id)).not.toContain(last);
  await vi.advanceTimersByTimeAsync(1000);
  expect(list.total).toBe(PAGE + 9);
  server.rows.unshift(row(PAGE + 9));
  list.told({ items: [event(last, { kinds: ['changed'] })], last: 2, reset: false });
  await vi.advanceTimersByTimeAsync(1000);
  expect(list.rows[0]?.run_id).toBe(last);
  list.close();
});

test('the metric that is wanted is shown, else the first that is not about training data', () => {
  expect(keyMetric({ training_score: 1, accuracy: 2, loss: 3 })).toBe('accuracy');
  expect(keyMetric({ training_score: 1, accuracy: 2, loss: 3 }, 'loss')).toBe('loss');
  expect(keyMetric({ training_score: 1 })).toBe('training_score');
  expect(keyMetric({}, 'constructor')).toBeUndefined();
});

test('a run that goes on has taken the time until now', () => {
  expect(secondsOf(row(1), 0)).toBe(5);
  expect(secondsOf(row(1, { end_time: null }), Date.parse('2026-01-01T00:01:00Z'))).toBe(60);
});
