/** How differences are said. */
import { expect, test } from 'vitest';
import { differenceOf } from '../../../src/widgets/changes.js';
import { sentenceOf } from '../../../src/lab/words.js';
import { statusOf } from '../../../src/widgets/statuses.js';
import { WORDS } from './words.js';

test('a difference has its sign, and its share where that is known', () => {
  expect(differenceOf({ difference: 0.25, relative: 0.5 })).toBe('+0.25 (+50 %)');
  expect(differenceOf({ difference: -1, relative: null })).toBe('-1');
  expect(differenceOf({ difference: null, relative: null })).toBe('');
});

test('no status is told by its colour alone, nor is one unknown that a later server has', () => {
  const said = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'PAUSED'].map(status => statusOf(status, WORDS));
  expect(new Set(said.map(({ icon }) => icon)).size).toBe(5);
  expect(said.map(({ word }) => word)).toEqual(['running', 'finished', 'failed', 'killed', 'PAUSED']);
});

test('an error says what to do', () => {
  expect(sentenceOf({ message: 'Wrong.', hint: 'Do this.' })).toBe('Wrong. Do this.');
  expect(sentenceOf({ message: 'Wrong.', hint: '' })).toBe('Wrong.');
});
