/** The numbers of the dashboard. */
import { expect, test } from 'vitest';
import { lowerIsBetter } from '../../../src/lab/better.js';
import { historyOf } from '../../../src/lab/history.js';
import { type Row } from '../../../src/lab/runs_list.js';

const row = (day: number, status: Row['status'], metrics: Row['metrics']): Row => ({
  run_id: String(day),
  name: `of day ${String(day)}`,
  project: 'p',
  status,
  status_reason: '',
  start_time: `2026-01-${String(day).padStart(2, '0')}T12:00:00`,
  end_time: status === 'RUNNING' ? null : `2026-01-${String(day).padStart(2, '0')}T13:00:00`,
  metrics,
  notebook: null,
  archived: null
});

const ROWS = [
  row(5, 'RUNNING', { loss: 0.5, training_loss: 0.1 }),
  row(3, 'FAILED', { loss: 0.3, training_loss: 0.1 }),
  row(2, 'FINISHED', { loss: NaN, training_loss: 0.1 }),
  row(1, 'FINISHED', { loss: 0.9, training_loss: 0.1 })
];

test('every day is there, with how its runs ended', () => {
  const { days, well, badly, running, seconds } = historyOf(ROWS, Date.parse('2026-01-05T12:30:00'));
  expect(days.map(({ date }) => date.slice(-2))).toEqual(['01', '02', '03', '04', '05']);
  expect(days.map(({ well, badly, running }) => [well, badly, running])).toEqual([
    [1, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
    [0, 0, 1]
  ]);
  expect([well, badly, running, seconds]).toEqual([2, 1, 1, 3.5 * 3600]);
});

test('the best so far goes the way that the metric does, and leaves out what is no number', () => {
  const { metric, lower, best } = historyOf(ROWS, 0);
  expect([metric, lower]).toEqual(['loss', true]);
  expect(best.map(({ value }) => value)).toEqual([0.9, 0.3]);
});

test('without runs there is nothing', () => {
  expect(historyOf([], 0)).toMatchObject({ days: [], seconds: 0, metric: undefined, best: [] });
});

test('the direction is guessed as Python does', () => {
  expect(
    ['val_loss', 'accuracy_score_y_test', 'valError', 'cv_neg_log_loss_mean', 'brier_score'].map(
      lowerIsBetter
    )
  ).toEqual([true, false, true, false, true]);
});
