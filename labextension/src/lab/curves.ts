/** The small curves beside runs: fetched for those that are seen, a few at once, and again when they have grown. */
import { MaestroError, type MaestroClient } from '../api/index.js';
import { type Row } from './runs_list.js';

const POINTS = 40;
/** How old the curve of a run that goes on may get, in milliseconds. */
const FRESH = 3000;

interface Known {
  values: ArrayLike<number>;
  time: number;
  isWhole: boolean;
}

export class Curves {
  private readonly known = new Map<string, Known>();
  private isAsking = false;

  constructor(private readonly client: Pick<MaestroClient, 'history'>) {}

  get(run: string, metric: string): ArrayLike<number> | undefined {
    return this.known.get(`${run} ${metric}`)?.values;
  }

  /** Fetches what is missing; says whether anything has come. */
  async fetch(wanted: readonly { run: Row; metric: string }[]): Promise<boolean> {
    if (this.isAsking) return false;
    this.isAsking = true;
    let hasCome = false;
    try {
      for (const { run, metric } of wanted) {
        const known = this.known.get(`${run.run_id} ${metric}`);
        const isWhole = run.status !== 'RUNNING';
        if (known !== undefined && (known.isWhole || (!isWhole && Date.now() - known.time < FRESH))) continue;
        const { values } = await this.client.history(run.run_id, metric, { max_points: POINTS });
        this.known.set(`${run.run_id} ${metric}`, { values, time: Date.now(), isWhole });
        hasCome = true;
      }
    } catch (error) {
      // Without it, the row says the value only; what is wrong is told where the runs are asked for.
      if (!(error instanceof MaestroError)) throw error;
    } finally {
      this.isAsking = false;
    }
    return hasCome;
  }
}
