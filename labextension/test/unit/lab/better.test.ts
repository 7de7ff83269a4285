/** Which values of a metric are better. */
import { expect, test } from 'vitest';
import { isRanked, lowerIsBetter } from '../../../src/lab/better.js';

test('the direction is guessed as Python does', () => {
  expect(
    ['val_loss', 'accuracy_score_y_test', 'valError', 'cv_neg_log_loss_mean', 'brier_score'].map(
      lowerIsBetter
    )
  ).toEqual([true, false, true, false, true]);
});

test('what has no better and no worse is told apart', () => {
  expect(['cv_score_mean', 'cv_score_std', 'epoch', 'learning_lr', ''].map(isRanked)).toEqual([
    true,
    false,
    false,
    false,
    true
  ]);
});
