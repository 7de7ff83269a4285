/** The runs that a panel shows: page by page as they are needed, and kept up to date by live events. */
import { MaestroError, type MaestroClient, type Page, type Run, type Told } from '../api/index.js';
import { Signal } from './signals.js';

/** Whose runs. */
export type Scope =
  | { kind: 'all' }
  | { kind: 'project'; name: string }
  /** By how its path was recorded; see `patternOf`. */
  | { kind: 'notebook'; pattern: string };

/** A run, without what no row shows. */
export type Row = Pick<
  Run,
  | 'run_id'
  | 'name'
  | 'project'
  | 'status'
  | 'status_reason'
  | 'start_time'
  | 'end_time'
  | 'metrics'
  | 'notebook'
  | 'archived'
>;

/** What is asked of the server. */
export type Source = Pick<MaestroClient, 'runFields' | 'countRuns' | 'runs'>;

const FIELDS = [
  'run_id',
  'name',
  'project',
  'status',
  'status_reason',
  'start_time',
  'end_time',
  'metrics',
  'notebook',
  'archived'
];
/** How many runs are fetched at once. */
export const PAGE = 50;
const SETTLED = 250;

export class RunsList {
  readonly changed = new Signal<undefined>();
  rows: readonly Row[] = [];
  /** How many there are in all; undefined until that is known. */
  total: number | undefined;
  /** What is wrong with the filter, or with the server. */
  error: MaestroError | undefined;
  #scope: Scope = { kind: 'all' };
  #filter = '';
  #cursor: string | null = null;
  #turn = 0;
  #isLoading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly source: Source) {}

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /** Shows other runs, from the newest on. */
  async show(scope: Scope, filter: string): Promise<void> {
    this.#scope = scope;
    this.#filter = filter.trim();
    this.rows = [];
    this.total = undefined;
    this.#cursor = null;
    await this.refresh();
  }

  /** Reads the newest runs anew; those after them stay. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const turn = ++this.#turn;
    try {
      const page = await this.#page();
      if (turn !== this.#turn) return;
      const isFirst = this.rows.length <= page.items.length || page.cursor === null;
      this.rows = isFirst ? page.items : joined(page.items, this.rows);
      if (isFirst) this.#cursor = page.cursor;
      this.error = undefined;
      this.changed.tell(undefined);
      const total = await this.source.countRuns(this.#query());
      if (turn !== this.#turn) return;
      this.total = total;
    } catch (error) {
      const told = await this.#explained(error);
      if (turn !== this.#turn) return;
      this.#fail(told);
    }
    this.changed.tell(undefined);
  }

  /** Fetches the next page. One that comes after the runs were read anew is left out, and told so that it is asked again. */
  async more(): Promise<void> {
    if (this.#cursor === null || this.#isLoading) return;
    const turn = this.#turn;
    this.#isLoading = true;
    try {
      const page = await this.#page(this.#cursor);
      if (turn === this.#turn) {
        this.rows = joined(this.rows, page.items);
        this.#cursor = page.cursor;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isLoading = false;
    }
    this.changed.tell(undefined);
  }

  /** Takes in what has happened: what is shown at once, and what the server has to be asked soon. */
  told({ items, reset }: Told): void {
    const states = new Map(items.map(item => [item.run_id, item]));
    const hasEnded = items.some(({ kinds }) => kinds.includes('ended'));
    // Whether one that was put away or taken back still belongs here, the filter decides.
    const stay = this.rows.filter(row => isArchived(states.get(row.run_id) ?? row) === isArchived(row));
    const hasLeft = stay.length < this.rows.length;
    this.rows = stay.map(row => {
      const now = states.get(row.run_id);
      if (now === undefined) return row;
      states.delete(row.run_id);
      return {
        ...row,
        name: now.name ?? row.name,
        status: (now.status ?? row.status) as Row['status'],
        status_reason: now.status_reason ?? row.status_reason,
        metrics: { ...row.metrics, ...now.metrics }
      };
    });
    this.changed.tell(undefined);
    if (reset || states.size > 0 || hasEnded || hasLeft)
      this.#timer ??= setTimeout(() => void this.refresh(), SETTLED);
  }

  /** Asks nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  #query(): { filter: string; project?: string } {
    return queryOf(this.#scope, this.#filter);
  }

  async #page(cursor?: string): Promise<Page<Row>> {
    const query = { ...this.#query(), limit: PAGE, ...(cursor !== undefined && { cursor }) };
    return (await this.source.runFields(FIELDS, query)) as Page<Row>;
  }

  /** Gives what is wrong with a filter alone: put together with the scope, its places are other ones. */
  async #explained(error: unknown): Promise<unknown> {
    if (!(error instanceof MaestroError && error.status === 400) || this.#filter === '') return error;
    return this.source.runs({ filter: this.#filter, limit: 1 }).then(
      () => error,
      (alone: unknown) => alone
    );
  }

  #fail(error: unknown): void {
    if (!(error instanceof MaestroError)) throw error;
    this.error = error;
  }
}

/** Gives what to ask for. Without a filter, the candidates of a search stay under it. */
export function queryOf(scope: Scope, filter: string): { filter: string; project?: string } {
  const conditions = [
    filter === '' ? 'parent_id is null' : `(${filter})`,
    ...(scope.kind === 'notebook' ? [`notebook like '${quoted(scope.pattern)}'`] : [])
  ];
  return {
    filter: conditions.join(' and '),
    ...(scope.kind === 'project' && { project: scope.name })
  };
}

/**
 * Gives the pattern of a notebook's recorded path, as `like` takes it.
 *
 * The server tells its root, with `~` in the place of the home folder.
 */
export function patternOf(root: string, path: string): string {
  const folder = root.replace(/\/+$/, '');
  if (root === '') return `%/${path}`;
  return `${folder.startsWith('~') ? `%${folder.slice(1)}` : folder}/${path}`;
}

/** Gives a text as it stands between quotes in a filter. */
function quoted(text: string): string {
  return text.replaceAll("'", "''");
}

function isArchived({ archived }: Pick<Run, 'archived'>): boolean {
  return archived !== null;
}

/** Gives both, without those of the second that the first has. */
function joined(first: readonly Row[], second: readonly Row[]): Row[] {
  const known = new Set(first.map(({ run_id }) => run_id));
  return [...first, ...second.filter(({ run_id }) => !known.has(run_id))];
}

/** Gives the metric that a row shows: the one that is wanted, or the first that is not about training data. */
export function keyMetric(metrics: Readonly<Record<string, number>>, wanted = ''): string | undefined {
  if (Object.hasOwn(metrics, wanted)) return wanted;
  const keys = Object.keys(metrics);
  return keys.find(key => !key.startsWith('training_')) ?? keys[0];
}

/** Gives how many seconds a run took, or has taken so far. */
export function secondsOf(
  { start_time, end_time }: Pick<Row, 'start_time' | 'end_time'>,
  now: number
): number {
  return Math.max(0, ((end_time === null ? now : Date.parse(end_time)) - Date.parse(start_time)) / 1000);
}
