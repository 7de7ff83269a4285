/** Suggestions that were tried as runs: what was forecast of each, and what came of it. */
import type { Run } from '../api/index.js';
import { scoreShown } from '../widgets/numbers.js';
import type { Words } from './words.js';

/** A run of a suggestion, without what is not told. */
export type TriedRun = Pick<
  Run,
  'run_id' | 'name' | 'status' | 'status_reason' | 'start_time' | 'tags' | 'metrics'
>;

export const TRIED_FIELDS = ['run_id', 'name', 'status', 'status_reason', 'start_time', 'tags', 'metrics'];

/** What matches them. */
export const TRIED = "tags.`suggestion.config` != ''";

/** What is told of one. */
export interface Told {
  /** What was expected; empty where that was not kept. */
  forecast: string;
  outcome: string;
  style: string;
}

/** Tells the forecast and the outcome of a run; no state by its style alone. */
export function toldOf({ status, status_reason, tags, metrics }: TriedRun, words: Words): Told {
  const metric = tags['suggestion.metric'] ?? '';
  const [mean, low, high] = ['mean', 'low', 'high'].map(name => numberIn(tags[`suggestion.${name}`]));
  const isForecast = mean !== undefined && low !== undefined && high !== undefined;
  const forecast = isForecast
    ? words.__('%1 expected: %2 (%3 to %4)', metric, ...[mean, low, high].map(scoreShown))
    : '';
  const score = metrics[`cv_${metric}_mean`];
  if (status === 'RUNNING') return { forecast, outcome: words.__('● is being tried'), style: 'maestro-busy' };
  if (status === 'KILLED') return { forecast, outcome: words.__('■ stopped'), style: 'maestro-quiet' };
  if (status !== 'FINISHED' || score === undefined || !Number.isFinite(score)) {
    const why = status_reason === '' ? '' : `: ${status_reason}`;
    const said = status === 'FINISHED' ? words.__('– without a score') : words.__('✗ failed%1', why);
    return { forecast, outcome: said, style: status === 'FINISHED' ? '' : 'maestro-bad' };
  }
  const came = words.__('◇ came out at %1', scoreShown(score));
  if (!isForecast) return { forecast, outcome: came, style: '' };
  if (score < low)
    return { forecast, outcome: `${came}, ${words.__('▼ below the interval')}`, style: 'maestro-warn' };
  if (score > high)
    return { forecast, outcome: `${came}, ${words.__('▲ above the interval')}`, style: 'maestro-warn' };
  return { forecast, outcome: `${came}, ${words.__('✓ within the interval')}`, style: 'maestro-good' };
}

function numberIn(text: string | undefined): number | undefined {
  const value = text === undefined || text === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
