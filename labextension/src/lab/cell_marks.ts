/** Which cells made which runs, and whether a cell is still what made its run. */
import { MaestroError, type MaestroClient, type RunDetail } from '../api/index.js';
import { queryOf } from './runs_list.js';

/** The newest run that a cell made, and how many more it has made. */
export interface Mark {
  run: string;
  name: string;
  status: string;
  /** The cell, as it was run; secrets in it were taken out. */
  source: string;
  more: number;
}

type Asked = Pick<MaestroClient, 'runFields' | 'run'>;

interface Made extends Omit<Mark, 'more'> {
  cell: string;
}

const LOOKED_AT = 60;
const REDACTED = '[redacted]';

/** The marks of notebooks; what made a run never changes, so that it is asked for once. */
export class Marks {
  private readonly made = new Map<string, Made | undefined>();

  constructor(private readonly client: Asked) {}

  /** Gives the marks of a notebook by the ids of its cells; none while the server does not answer. */
  async of(pattern: string): Promise<ReadonlyMap<string, Mark>> {
    try {
      const query = { ...queryOf({ kind: 'notebook', pattern }, ''), limit: LOOKED_AT };
      const { items } = await this.client.runFields(['run_id', 'status', 'name', 'execution_id'], query);
      const made: Made[] = [];
      for (const { run_id, status, name, execution_id } of items) {
        if (run_id === undefined || execution_id == null) continue;
        const known = await this.madeBy(run_id);
        if (known !== undefined)
          made.push({ ...known, status: status ?? known.status, name: name ?? known.name });
      }
      return marksOf(made);
    } catch (error) {
      if (!(error instanceof MaestroError)) throw error;
      return new Map();
    }
  }

  private async madeBy(run: string): Promise<Made | undefined> {
    if (!this.made.has(run)) this.made.set(run, madeIn(await this.client.run(run)));
    return this.made.get(run);
  }
}

function madeIn({ run, cell }: RunDetail): Made | undefined {
  if (cell?.cell_id == null) return undefined;
  return { cell: cell.cell_id, run: run.run_id, name: run.name, status: run.status, source: cell.source };
}

/** Puts runs, the newest first, to the cells that made them. */
export function marksOf(made: readonly Made[]): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const { cell, ...mark } of made) {
    const newest = marks.get(cell);
    if (newest === undefined) marks.set(cell, { ...mark, more: 0 });
    else newest.more += 1;
  }
  return marks;
}

/** Tells whether a cell is another one than was run; what was redacted may have been anything. */
export function isEdited(recorded: string, current: string): boolean {
  const parts = recorded.trimEnd().split(REDACTED);
  const now = current.trimEnd();
  if (parts.length === 1) return parts[0] !== now;
  let at = 0;
  for (const [place, text] of parts.entries()) {
    const found = place === parts.length - 1 ? now.lastIndexOf(text) : now.indexOf(text, at);
    if (found < at || (place === 0 && found !== 0)) return true;
    at = found + text.length;
  }
  return at !== now.length;
}
