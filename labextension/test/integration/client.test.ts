/** Every question of the client, asked of a real Jupyter server. */

import { ServerConnection } from '@jupyterlab/services';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { MaestroClient, type LiveEvent, type Run, type State, type Told } from '../../src/api/index.js';
import type { operations } from '../../src/api/schema.js';
import { jupyterConnection } from '../../src/jupyter/connection.js';
import { control, Description, MEMBER, OWNER, SERVER, type Asked } from './server.js';

const SEARCH = "source = 'search'";
const PACE = { first: 20, longest: 200, poll: 20, ready: 10_000 };

let description: Description;
let client: MaestroClient;
let run: Run;

beforeAll(async () => {
  description = await Description.fetch();
  client = new MaestroClient(description.connection(OWNER));
  run = only((await client.runs({ filter: "name = 'curves'" })).items);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function only<Item>(items: Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new Error('There is none.');
  expect(items).toHaveLength(1);
  return item;
}

async function sha256(): Promise<string> {
  return only((await client.run(run.run_id)).artifacts).sha256;
}

/** How each operation of the description is asked for: one that is missing here does not compile. */
const QUESTIONS: Record<
  Exclude<keyof operations, `${string}Journals${string}` | `${string}Uploads${string}` | 'postArtifacts'>,
  (client: MaestroClient) => Promise<unknown>
> = {
  getProjects: one => one.projects(),
  getProjectsName: one => one.project('many'),
  getRuns: one => one.runs({ filter: 'metrics.score > 3', order_by: 'metrics.score DESC, name', limit: 3 }),
  getRunsCount: one => one.countRuns({ project: 'many' }),
  getRunsMetrics: one => one.metricKeys(),
  getRunsHistory: one => one.runHistory({ project: 'many', utc_offset: 60 }),
  getRunsBest: one => one.bestSoFar({ metric: 'score', project: 'many' }),
  getRunsRun_id: one => one.run(run.run_id),
  patchRunsRun_id: one => one.editRun(run.run_id, { tags: { seen: 'yes', k: null }, note: 'good' }),
  getRunsRun_idItself: one => one.runItself(run.run_id),
  getRunsRun_idChildren: async one => one.children(only((await one.runs({ filter: SEARCH })).items).run_id),
  getRunsRun_idMetrics: one => one.runMetricKeys(run.run_id),
  getRunsRun_idMetricsKey: one => one.history(run.run_id, 'loss', { max_points: 100 }),
  getRunsRun_idMetricsKeyPoints: one => one.points(run.run_id, 'loss'),
  getRunsRun_idDiffOther: async one =>
    one.diff(run.run_id, only((await one.runs({ filter: SEARCH })).items).run_id),
  getRunsRun_idFilesSha256: async one => one.runFile(run.run_id, await sha256()),
  getRunsRun_idLineage: one => one.lineage(run.run_id, { depth: 2 }),
  getFilesSha256: async one => one.file(await sha256()),
  getArtifacts: one => one.artifacts({ limit: 1 }),
  getArtifactsSearch: one => one.searchArtifacts({ q: 'scaler', tags: 'tabular' }),
  getArtifactsTop: one => one.topArtifacts(),
  getArtifactsUsed: one => one.usedArtifacts({ limit: 5, project: 'default' }),
  getArtifactsTrending: one => one.trendingArtifacts(),
  getArtifactsUnused: one => one.unusedArtifacts({ days: 30 }),
  getArtifactsArchived: one => one.archivedArtifacts({ tags: 'tabular' }),
  getArtifactsName: one => one.artifactVersions('scaler'),
  getArtifactsNameVersionsVersion: one => one.artifact('scaler', '@champion'),
  getArtifactsNameVersionsVersionContent: one => one.artifactContent('scaler'),
  getArtifactsNameVersionsVersionCard: one => one.card('scaler'),
  patchArtifactsNameVersionsVersionCard: async one => {
    const { sections } = await client.card('scaler', 1);
    const expected = sections.find(section => section.key === 'limitations')?.digest ?? '';
    return one.editCard('scaler', 1, { limitations: { text: 'Not for **loans**.', expected } });
  },
  getArtifactsNameVersionsVersionLineage: one => one.artifactLineage('scaler', '@champion', { width: 3 }),
  getArtifactsNameUsage: one => one.artifactUsage('scaler'),
  postRecommendationsArtifacts: one =>
    one.suggestArtifacts({ cells: ['scaled = scale(a)'], tables: [{ name: 'X', columns: { a: 'int64' } }] }),
  postRecommendationsModels: one =>
    one.suggestModels({ task: 'classification', metafeatures: { nr_inst: 300, nr_attr: 8, nr_class: null } }),
  getRecommendationsParameters: one => one.importance({ metric: 'loss', project: 'many' }),
  patchArtifactsName: one => one.editArtifact('scaler', { tags: ['scaling'] }),
  deleteArtifactsNameVersionsVersion: one => one.deleteVersion('scaler', 1),
  patchArtifactsNameVersionsVersion: one => one.archiveVersion('scaler', 1, false),
  putArtifactsNameAliasesAlias: one => one.setAlias('scaler', 'best', 1),
  deleteArtifactsNameAliasesAlias: one => one.dropAlias('scaler', 'best'),
  getEvents: one => one.events({ after: 0, limit: 1000 }),
  getAudit: one => one.audit(),
  getHealthLive: one => one.live(),
  getHealthReady: one => one.ready(),
  getMetrics: one => one.counters(),
  getOpenapiJson: one => one.description()
};

test('everything that the description has can be asked, and is answered as it says', async () => {
  for (const [operation, question] of Object.entries(QUESTIONS)) {
    const asked: Asked[] = [];
    const answer = await question(new MaestroClient(description.connection(OWNER, asked)));
    expect(answer, operation).toBeDefined();
    expect(asked.at(-1)).toEqual({ operation, status: 200 });
  }
  // Journals are shipped, and files uploaded, by the hosts where they are, never by a browser.
  const askedFor = description.operations.filter(name => !/Journals|Uploads|^postArtifacts$/.test(name));
  expect(Object.keys(QUESTIONS).sort()).toEqual(askedFor.sort());
});

test('a card is filled in, written on, and saved', async () => {
  const limits = async (): Promise<{ text: string; digest: string }> => {
    const { sections } = await client.card('scaler');
    return only(sections.filter(section => section.key === 'contact'));
  };
  const before = await limits();
  const text = '<script>alert(1)</script>';
  await client.editCard('scaler', 'newest', { contact: { text, expected: before.digest } });
  expect((await limits()).text).toBe(text);
  const stale = client.editCard('scaler', 'newest', { contact: { text: 'x', expected: before.digest } });
  await expect(stale).rejects.toMatchObject({ status: 409, reason: 'conflict' });
  const file = await client.cardFile('scaler', 1, 'markdown');
  expect([file.name, file.mediaType, file.blob.type]).toEqual([
    'scaler-1-card.md',
    'text/markdown',
    'application/octet-stream'
  ]);
  expect(await file.blob.text()).toContain('&lt;script>alert(1)&lt;/script>');
  expect((await client.cardFile('scaler', 1, 'html')).mediaType).toBe('text/html');
});

test('lineage leads from a run to what it used', async () => {
  const user = only((await client.runs({ filter: "name = 'user'" })).items);
  const { root, nodes, edges } = await client.lineage(user.run_id);
  expect(root).toBe(`run:${user.run_id}`);
  expect(nodes.map(node => node.name)).toEqual(['user', 'scaler:1']);
  expect(edges).toMatchObject([{ kind: 'used', target: root }]);
});

test('an answer that is not as described is found out', () => {
  const described = { $ref: '#/components/schemas/Count' };
  expect(() => {
    description.hold(described, { count: '3' });
  }).toThrow('must be integer');
  expect(() => {
    description.hold(described, { count: 3, more: 1 });
  }).toThrow('additional properties');
  expect(() => {
    description.hold({ $ref: '#/components/schemas/EventsPage' }, { items: [], last: 1 });
  }).toThrow("required property 'reset'");
});

test('numbers are numbers, and texts stay texts', async () => {
  expect(run.metrics).toEqual({ loss: 1 / 5000, 'odd/key ü': -Infinity, gone: NaN });
  expect(run.params).toEqual({ word: 'nan', rate: 0.1, none: null });
  const curve = await client.history(run.run_id, 'loss', { max_points: 1_000_000 });
  expect(curve.values.slice(0, 5)).toEqual([1, 1 / 2, 1 / 3, NaN, 1 / 5]);
  expect(await client.history(run.run_id, 'odd/key ü')).toMatchObject({
    key: 'odd/key ü',
    values: [-Infinity]
  });
  const points = await client.points(run.run_id, 'loss', { start: 2, limit: 3 });
  expect(points).toMatchObject({ total: 5000, steps: Float64Array.of(2, 3, 4) });
  expect(Array.from(points.values)).toEqual([1 / 3, NaN, 1 / 5]);
  expect(Array.from(points.times)).toEqual(curve.times.slice(2, 5));
  const { metrics, datasets } = await client.run(only((await client.runs({ filter: SEARCH })).items).run_id);
  expect(metrics.map(one => one.key)).toEqual(['best_cv_score']);
  expect(datasets.map(one => [one.role, one.shape, one.columns.length])).toContainEqual(['X', [150, 4], 4]);
});

test('every run is given once, page by page', async () => {
  const asked: Asked[] = [];
  const paging = new MaestroClient(description.connection(OWNER, asked));
  const found: string[] = [];
  for await (const one of paging.allRuns({ project: 'many', limit: 7, order_by: 'metrics.score' })) {
    found.push(one.run_id);
  }
  const { items } = await client.runs({ project: 'many', limit: 1000, order_by: 'metrics.score' });
  expect(found).toEqual(items.map(one => one.run_id));
  expect([found.length, asked.length]).toEqual([await client.countRuns({ project: 'many' }), 5]);
});

test('only the fields that are asked for are given', async () => {
  const { items } = await client.runFields(['name', 'metrics.score'], { project: 'many', limit: 1 });
  expect(items).toEqual([{ name: 'run 29', metrics: { score: 1 } }]);
});

test('what has not changed is not sent again', async () => {
  const asked: Asked[] = [];
  const keeping = new MaestroClient(description.connection(OWNER, asked));
  const first = await keeping.runItself(run.run_id);
  expect(await keeping.runItself(run.run_id)).toEqual(first);
  const edited = await keeping.editRun(run.run_id, { tags: { changed: 'since' } });
  expect(await keeping.runItself(run.run_id)).toEqual(edited);
  expect(asked.map(one => one.status)).toEqual([200, 304, 200, 200]);
});

test('a run is changed, and the audit says so', async () => {
  const before = (await client.audit()).at(-1)?.number ?? 0;
  const edited = await client.editRun(run.run_id, { tags: { 'größer als 0': 'ja' }, note: 'a remark' });
  expect(edited.tags['größer als 0']).toBe('ja');
  expect((await client.run(run.run_id)).notes.map(note => note.text)).toContain('a remark');
  const lines: string[] = [];
  for await (const line of client.allAudit(before)) lines.push(`${line.actor}: ${line.action}`);
  expect(lines).toEqual([`${OWNER}: tag run`, `${OWNER}: note on run`]);
});

test('a file is something to save, and never a page', async () => {
  for (const file of [await client.file(await sha256()), await client.runFile(run.run_id, await sha256())]) {
    expect(await file.blob.text()).toBe('<script>alert(1)</script>');
    expect([file.blob.type, file.name]).toEqual(['application/octet-stream', 'page <ü>.html']);
    expect(file.mediaType).toBe('text/html');
  }
});

test.each([
  ['a run that is not there', (one: MaestroClient) => one.run('ffffffff'), 404, 'not_found'],
  ['a metric that is not there', (one: MaestroClient) => one.history(run.run_id, 'none'), 404, 'not_found'],
  ['a beginning of many ids', async (one: MaestroClient) => one.run(await ambiguous()), 409, 'conflict'],
  ['a filter that is none', (one: MaestroClient) => one.runs({ filter: 'metrics. >' }), 400, 'invalid'],
  [
    'a tag without a name',
    (one: MaestroClient) => one.editRun(run.run_id, { tags: { '': '' } }),
    400,
    'invalid'
  ],
  ['an empty name', (one: MaestroClient) => one.run(''), 404, 'not_found'],
  ['a name that is a step up', (one: MaestroClient) => one.history(run.run_id, '..'), 400, 'invalid']
])('%s is an error that says so', async (_, ask, status, reason) => {
  const error: unknown = await ask(client).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'MaestroError', status, reason });
  expect((error as Error).message).toMatch(/\.$/);
});

async function ambiguous(): Promise<string> {
  const seen = new Set<string>();
  for await (const { run_id } of client.allRuns()) {
    const [beginning = ''] = run_id;
    if (seen.has(beginning)) return beginning;
    seen.add(beginning);
  }
  throw new Error('No two runs begin alike.');
}

test('members see their own, and strangers nothing', async () => {
  const members = new MaestroClient(description.connection(MEMBER));
  expect(await members.countRuns()).toBe(0);
  await expect(members.run(run.run_id)).rejects.toMatchObject({ status: 404 });
  await expect(members.audit()).rejects.toMatchObject({ status: 403, reason: 'forbidden' });
  const strangers = new MaestroClient(description.connection('mallory'));
  await expect(strangers.countRuns()).rejects.toMatchObject({ status: 403 });
});

test('a Jupyter server without Maestro is told from a run that is not there', async () => {
  const settings = ServerConnection.makeSettings({ baseUrl: `${SERVER}elsewhere/`, token: OWNER });
  await expect(new MaestroClient(jupyterConnection(settings)).projects()).rejects.toMatchObject({
    message: 'This Jupyter server has no Maestro.',
    status: 404
  });
});

test('a base URL needs no slash at its end', async () => {
  const settings = ServerConnection.makeSettings({ baseUrl: SERVER.slice(0, -1), token: OWNER });
  expect(await new MaestroClient(jupyterConnection(settings)).live()).toEqual({ status: 'ok' });
});

test('a browser without a token is known by its cookie, and shows the XSRF header', async () => {
  const entered = await fetch(`${SERVER}api/me?token=${OWNER}`);
  const cookies = entered.headers.getSetCookie().map(cookie => cookie.replace(/;.*/, ''));
  const cookie = [...cookies, `_xsrf=${'feed'.repeat(8)}`].join('; ');
  const browser = new MaestroClient(
    jupyterConnection(
      ServerConnection.makeSettings({
        baseUrl: SERVER,
        token: '',
        fetch: input => {
          const request = input as Request;
          request.headers.set('Cookie', cookie);
          return fetch(request);
        }
      })
    )
  );
  const edit = { tags: { by: 'cookie' } };
  await expect(browser.editRun(run.run_id, edit)).rejects.toMatchObject({ status: 403 });
  vi.stubGlobal('document', { cookie });
  expect((await browser.editRun(run.run_id, edit)).tags['by']).toBe('cookie');
});

test('a question that is broken off is rejected with the reason', async () => {
  const breaking = new AbortController();
  const asked = client.runs({}, { signal: breaking.signal });
  breaking.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await expect(client.file(await sha256(), { signal: breaking.signal })).rejects.toThrow('enough');
  await expect(client.follow({ signal: breaking.signal }).next()).rejects.toThrow('enough');
});

/** Follows until something holds of what was told, and lets something happen at the beginning of each state. */
async function followed(
  following: MaestroClient,
  enough: (told: Told[]) => boolean,
  onState: (state: State, told: Told[]) => void,
  after?: number
): Promise<Told[]> {
  const told: Told[] = [];
  const say = (state: State): void => {
    onState(state, told);
  };
  for await (const one of following.follow({ after, onState: say, pace: PACE })) {
    told.push(one);
    if (enough(told)) break;
  }
  return told;
}

function items(told: Told[]): LiveEvent[] {
  return told.flatMap(one => one.items);
}

/** A client whose WebSockets lead nowhere, as behind a proxy that knows none. */
function withoutSockets(): MaestroClient {
  const { send, open } = description.connection(OWNER);
  return new MaestroClient({ send, open: () => open('nowhere') });
}

test.each([
  ['pushed', () => client, 'live'],
  ['asked for', withoutSockets, 'polling']
])('what happens to a run is %s, with how the run is then', async (_, make, expected) => {
  const states: State[] = [];
  const edit = { tags: { by: expected } };
  const told = await followed(
    make(),
    so => items(so).length > 0,
    state => {
      states.push(state);
      void client.editRun(run.run_id, edit);
    }
  );
  expect(states).toEqual([expected]);
  const { name, project, status, status_reason, metrics } = run;
  expect(only(items(told))).toMatchObject({
    run_id: run.run_id,
    kinds: ['changed'],
    text: null,
    name,
    project,
    status,
    status_reason,
    metrics
  });
  expect(told.at(-1)).toMatchObject({ last: only(items(told)).number, reset: false });
});

test('a number that is not reached yet is a reset', async () => {
  for (const following of [client, withoutSockets()]) {
    const told = await followed(
      following,
      () => true,
      () => undefined,
      1_000_000
    );
    expect(told).toMatchObject([{ items: [], reset: true }]);
  }
});

test('following what one may not is refused, not tried for ever', async () => {
  const strangers = new MaestroClient(description.connection('mallory'));
  await expect(strangers.follow({ pace: PACE }).next()).rejects.toMatchObject({ status: 403 });
});

test('over a restart nothing is lost and nothing told twice', async () => {
  const before = ['a1', 'a2', 'a3'];
  const meanwhile = Array.from({ length: 500 }, (_, number) => `b${String(number)}`);
  const after = ['c1', 'c2'];
  const states: State[] = [];
  let restarting: Promise<void> | undefined;
  const steps: Partial<Record<State, (told: Told[]) => Promise<void>>> = {
    live: told => control('happen', told.length === 0 ? before : after),
    waiting: () => {
      restarting ??= control('happen', meanwhile).then(() => control('start'));
      return restarting;
    }
  };
  const texts = (told: Told[]): (string | null)[] => items(told).map(item => item.text);
  let stopping: Promise<void> | undefined;
  const told = await followed(
    new MaestroClient(description.connection(OWNER)),
    so => {
      if (texts(so).length === before.length) stopping ??= control('stop');
      return texts(so).includes('c2');
    },
    (state, so) => {
      states.push(state);
      void steps[state]?.(so);
    }
  );
  await Promise.all([stopping, restarting]);
  expect(texts(told)).toEqual([...before, ...meanwhile, ...after]);
  expect([states.at(0), states.includes('waiting')]).toEqual(['live', true]);
});
