/** Where a comparison comes from: the kernel's store, over a widget's messages, or a server. */
import { type RunDiff } from '../api/models.js';
import { type Compared } from './compared.js';
import { type CurvesSource, kernelCurves } from './curves_source.js';
import { type Exchange } from './exchange.js';

export interface ComparisonSource extends CurvesSource {
  compared: () => Promise<Compared>;
  /** Tells what changed from a run to another. */
  diff: (a: string, b: string) => Promise<RunDiff>;
}

/** How many runs are compared at once, as in the kernel. */
export const MOST_COMPARED = 50;
/** How many curves are drawn at once, as in the kernel. */
export const MOST_CURVES = 20;

/** Asks the kernel about some runs. */
export function kernelComparison(exchange: Exchange, runs: readonly string[]): ComparisonSource {
  return {
    compared: async () => (await exchange.newestOf<Compared>('compared', { runs })).said,
    diff: async (a, b) => (await exchange.newestOf<RunDiff>('diff', { a, b })).said,
    ...kernelCurves(exchange, 'drawable', { runs: runs.slice(0, MOST_CURVES) })
  };
}
