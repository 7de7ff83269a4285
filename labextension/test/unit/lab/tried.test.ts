/** What is told of a suggestion that was tried. */
import { expect, test } from 'vitest';
import { toldOf, type TriedRun } from '../../../src/lab/tried.js';
import { WORDS } from './words.js';

const RUN: TriedRun = {
  run_id: '1'.repeat(32),
  name: 'ridge',
  status: 'FINISHED',
  status_reason: '',
  start_time: '2026-01-01T00:00:00Z',
  tags: {
    'suggestion.config': 'ridge',
    'suggestion.metric': 'accuracy',
    'suggestion.mean': '0.8',
    'suggestion.low': '0.75',
    'suggestion.high': '0.85'
  },
  metrics: { cv_accuracy_mean: 0.8 }
};

test.each([
  [0.8, '◇ came out at 0.800, ✓ within the interval'],
  [0.7, '◇ came out at 0.700, ▼ below the interval'],
  [0.9, '◇ came out at 0.900, ▲ above the interval']
])('an outcome of %d is put beside the forecast', (score, outcome) => {
  const told = toldOf({ ...RUN, metrics: { cv_accuracy_mean: score } }, WORDS);
  expect(told.forecast).toBe('accuracy expected: 0.800 (0.750 to 0.850)');
  expect(told.outcome).toBe(outcome);
});

test('no score is not zero', () => {
  expect(toldOf({ ...RUN, metrics: {} }, WORDS).outcome).toBe('– without a score');
  expect(toldOf({ ...RUN, metrics: { cv_accuracy_mean: NaN } }, WORDS).outcome).toBe('– without a score');
  expect(toldOf({ ...RUN, status: 'RUNNING', metrics: {} }, WORDS).outcome).toBe('● is being tried');
  const failed = { ...RUN, status: 'FAILED', status_reason: 'ValueError: no', metrics: {} } as const;
  expect(toldOf(failed, WORDS).outcome).toBe('✗ failed: ValueError: no');
});

test('what somebody stopped has not failed', () => {
  const stopped = { ...RUN, status: 'KILLED', status_reason: 'stopped', metrics: {} } as const;
  expect(toldOf(stopped, WORDS).outcome).toBe('■ stopped');
});

test("somebody else's tags make no forecast", () => {
  const tags = { 'suggestion.config': 'x', 'suggestion.mean': 'high', 'suggestion.low': '' };
  expect(toldOf({ ...RUN, tags }, WORDS)).toMatchObject({ forecast: '', outcome: '– without a score' });
  const metric = { ...RUN.tags, 'suggestion.low': 'nan' };
  expect(toldOf({ ...RUN, tags: metric }, WORDS)).toMatchObject({
    forecast: '',
    outcome: '◇ came out at 0.800'
  });
});
