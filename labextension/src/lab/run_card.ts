/** Everything that is known about one run, and what changed since the one before. */
import { el } from '../widgets/dom.js';
import { ago, duration } from '../widgets/numbers.js';
import { sparkline } from '../widgets/sparkline.js';
import { changesOf } from '../widgets/changes.js';
import { secondsOf } from './runs_list.js';
import { code, part, table } from '../widgets/tables.js';
import { statusOf } from '../widgets/statuses.js';
import { type Words } from './words.js';
import type { MaestroClient, Run, RunDetail, RunDiff } from '../api/index.js';

/** What a card shows. */
export interface CardContent {
  detail: RunDetail;
  /** From the run before in its project; undefined for the first one. */
  diff: RunDiff | undefined;
  /** The small curve of each metric that has several points. */
  curves: ReadonlyMap<string, ArrayLike<number>>;
}

/** Where a card leads to. */
export interface CardActions {
  onRun: (run: string) => void;
  onCompare: (runs: readonly string[]) => void;
  onNotebook: (path: string) => void;
}

const POINTS = 60;
const CURVES = 12;

type Asked = Pick<MaestroClient, 'run' | 'runs' | 'diff' | 'history'>;

/** Asks for what a card shows. */
export async function cardContent(client: Asked, run: string, signal: AbortSignal): Promise<CardContent> {
  const detail = await client.run(run, { signal });
  const before = await runBefore(client, detail.run, signal);
  const diff = before === undefined ? undefined : await client.diff(before.run_id, run, { signal });
  const curves = new Map<string, ArrayLike<number>>();
  for (const { key } of detail.metrics.filter(({ count }) => count > 1).slice(0, CURVES)) {
    curves.set(key, (await client.history(run, key, { max_points: POINTS }, { signal })).values);
  }
  return { detail, diff, curves };
}

/** Gives the run before one in its project; a candidate's are those of the same search. */
export async function runBefore(
  client: Pick<MaestroClient, 'runs'>,
  run: Run,
  signal?: AbortSignal
): Promise<Run | undefined> {
  const family = run.parent_id === null ? 'parent_id is null' : `parent_id = '${run.parent_id}'`;
  const filter = `${family} and start_time < '${run.start_time}'`;
  return (await client.runs({ filter, project: run.project, limit: 1 }, { signal })).items[0];
}

/** Gives the elements of a card. */
export function cardOf(
  { detail, diff, curves }: CardContent,
  actions: CardActions,
  words: Words
): HTMLElement[] {
  const { run, cell } = detail;
  return [
    head(run, actions, words),
    ...part(
      words.__('Metrics'),
      table(
        [
          words.__('metric'),
          words.__('last'),
          words.__('min'),
          words.__('max'),
          words.__('points'),
          words.__('curve')
        ],
        detail.metrics.map(({ key, last, min, max, count }) => [
          key,
          last,
          min,
          max,
          count,
          curveOf(curves.get(key), key, words)
        ])
      )
    ),
    ...since(diff, actions, words),
    ...part(
      words.__('Parameters'),
      table(
        [words.__('parameter'), words.__('value')],
        Object.entries(run.params).map(([name, value]) => [name, value ?? 'None'])
      )
    ),
    ...part(
      words.__('Data'),
      table(
        [words.__('role'), words.__('shape'), words.__('kind'), words.__('fingerprint')],
        detail.datasets.map(({ role, shape, kind, fingerprint }) => [
          role,
          shape.join(' × '),
          kind,
          fingerprint.slice(0, 12)
        ])
      )
    ),
    ...part(words.__('Tags'), table([words.__('tag'), words.__('value')], Object.entries(run.tags))),
    ...part(words.__('Notes'), ...detail.notes.map(({ text }) => el('p', { class: 'maestro-text' }, text))),
    ...part(
      words.__('Runs under it'),
      ...detail.children.slice(0, CHILDREN).map(child => runLink(child, actions, words))
    ),
    ...part(
      words.__('Error'),
      cell?.traceback == null ? undefined : code(cell.traceback, words.__('Traceback'))
    ),
    ...part(words.__('Cell'), cell === null ? undefined : code(cell.source, words.__('Source of the cell')))
  ];
}

const CHILDREN = 30;

function head(run: Run, actions: CardActions, words: Words): HTMLElement {
  const status = statusOf(run.status, words);
  const now = Date.now();
  const facts: [string, string | HTMLElement][] = [
    [words.__('Project'), run.project],
    [
      words.__('Started'),
      `${new Date(run.start_time).toLocaleString()} (${ago(Date.parse(run.start_time), now)})`
    ],
    [words.__('Took'), duration(secondsOf(run, now))],
    [words.__('By'), run.user],
    ...(run.notebook === null
      ? []
      : ([[words.__('Notebook'), notebookLink(run.notebook, actions)]] as [string, HTMLElement][])),
    [words.__('Id'), run.run_id]
  ];
  return el(
    'header',
    {},
    el(
      'h2',
      {},
      run.name,
      ' ',
      el('span', { class: `maestro-run-status ${status.style}` }, `${status.icon} ${status.word}`)
    ),
    ...(run.status_reason === '' ? [] : [el('p', { class: 'maestro-text' }, run.status_reason)]),
    el(
      'dl',
      { class: 'maestro-facts' },
      ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])
    )
  );
}

function notebookLink(path: string, { onNotebook }: CardActions): HTMLElement {
  const onclick = (): void => {
    onNotebook(path);
  };
  const name = path.split('/').at(-1) ?? path;
  return el('button', { type: 'button', class: 'maestro-link', title: path, onclick }, name);
}

/** Gives a button that leads to a run. */
export function runLink(
  run: Pick<Run, 'run_id' | 'name'> & { status: string },
  { onRun }: Pick<CardActions, 'onRun'>,
  words: Words
): HTMLElement {
  const { icon, word } = statusOf(run.status, words);
  const onclick = (): void => {
    onRun(run.run_id);
  };
  return el(
    'button',
    { type: 'button', class: 'maestro-link', 'data-run': run.run_id, title: word, onclick },
    `${icon} ${run.name}`
  );
}

function since(diff: RunDiff | undefined, actions: CardActions, words: Words): HTMLElement[] {
  if (diff === undefined) return [];
  const { a, b } = diff;
  const onclick = (): void => {
    actions.onCompare([a.run_id, b.run_id]);
  };
  return [
    el(
      'details',
      { class: 'maestro-since', open: true },
      el('summary', {}, words.__('What changed since %1', a.name)),
      el(
        'div',
        { class: 'maestro-bar' },
        runLink(a, actions, words),
        el('button', { type: 'button', onclick }, words.__('Compare'))
      ),
      ...changesOf(diff, words)
    )
  ];
}

function curveOf(values: ArrayLike<number> | undefined, key: string, words: Words): Node | string {
  return values === undefined ? '' : sparkline(values, words.__('curve of %1', key));
}
