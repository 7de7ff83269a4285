/** Which values of a metric are better. */
import { expect, test } from 'vitest';
import { lowerIsBetter } from '../../../src/lab/better.js';

test('the direction is guessed as Python does', () => {
  expect(
    ['val_loss', 'accuracy_score_y_test', 'valError', 'cv_neg_log_loss_mean', 'brier_score'].map(
      lowerIsBetter
    )
  ).toEqual([true, false, true, false, true]);
});
