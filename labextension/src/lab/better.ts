/** Which values of a metric are better, guessed from its name, as `maestro_jupyter.views.direction` does. */
import { type Direction } from '../widgets/compared.js';

const LOWER = new RegExp(
  '^(loss|error|err|rmse|mse|mae|mape|smape|rmsle|msle|medae|merror|logloss|nll|perplexity|ppl|brier|deviance|' +
    'hinge|entropy|divergence|distance|time|seconds|latency|duration|cost|regret|eer|wer|cer|fpr|fnr|inertia|' +
    'aic|bic)$'
);
const HIGHER = /^(neg|negative|score)$/;
const NEITHER = /^(std|stddev|epochs?|steps?|lr)$/;

/** Guesses whether a metric's values have a better and a worse, and whether lower ones are better. */
export function directionOf(metric: string): Direction {
  return { ranked: isRanked(metric), lower: lowerIsBetter(metric) };
}

/** Guesses whether a lower value of a metric is better. */
export function lowerIsBetter(metric: string): boolean {
  const words = wordsOf(metric);
  if (words.includes('brier') && !words.includes('neg')) return true;
  return !words.some(word => HIGHER.test(word)) && words.some(word => LOWER.test(word));
}

/** Tells whether a metric has a better and a worse at all. */
export function isRanked(metric: string): boolean {
  return !NEITHER.test(wordsOf(metric).at(-1) ?? '');
}

function wordsOf(metric: string): string[] {
  return (metric.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? []).map(word => word.toLowerCase());
}
