/** How values, times, orders and small curves are shown. */
import { expect, test } from 'vitest';
import { nextSort, type Column } from '../../../src/widgets/columns.js';
import { ago, digitsFor, duration, many, shown } from '../../../src/widgets/numbers.js';
import { pathOf } from '../../../src/widgets/sparkline.js';

test.each([
  [0.1 + 0.2, '0.3'],
  [123456.789, '123457'],
  [1e-7, '1e-7'],
  [3, '3'],
  ['NaN', 'NaN'],
  [null, ''],
  [true, 'true']
])('%j is shown as %s', (value, said) => {
  expect(shown(value)).toBe(said);
});

test('digits tell values apart', () => {
  expect(digitsFor([0.98242, 0.98244, null, 'text'])).toBe(5);
  expect(digitsFor([1, 2])).toBe(4);
  expect(digitsFor([0.1234567891, 0.1234567892])).toBe(8);
});

test.each([
  [0.0001, '<1 ms'],
  [0.0123, '12 ms'],
  [59.9, '59.9 s'],
  [75.2, '1 min 15 s'],
  [120, '2 min'],
  [7384, '2 h 3 min'],
  [7200, '2 h']
])('%d seconds are %s', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});

test('times are told from now', () => {
  const now = Date.UTC(2026, 0, 31);
  const before = (seconds: number): string => ago(now - seconds * 1000, now);
  expect([before(3), before(300), before(7200), before(86_400), before(3 * 86_400)]).toEqual([
    'just now',
    '5 min ago',
    '2 h ago',
    '1 day ago',
    '3 days ago'
  ]);
  expect(before(40 * 86_400)).toBe('2025-12-22');
});

test('counts have their nouns', () => {
  expect([many(1, 'run'), many(1200, 'run')]).toEqual(['1 run', '1,200 runs']);
});

test('a column is ordered by its better end first, then the other, then not at all', () => {
  const loss: Column = { entity: 'metric', key: 'loss', ranked: true, lower: true };
  const acc: Column = { entity: 'metric', key: 'acc', ranked: true, lower: false };
  const first = nextSort(null, loss);
  expect(first).toEqual({ column: loss, descending: false });
  const second = nextSort(first, loss);
  expect(second).toEqual({ column: loss, descending: true });
  expect(nextSort(second, loss)).toBeNull();
  expect(nextSort(second, acc)).toEqual({ column: acc, descending: true });
});

test('a small curve stays in its picture, and has a gap where a value is not finite', () => {
  expect(pathOf([0, NaN, 1, 2])).toBe('M2.0 14.0M42.0 8.0L62.0 2.0');
  expect(pathOf([1e308, -1e308])).toBe('M2.0 2.0L62.0 14.0');
  expect(pathOf([5, 5])).toBe('M2.0 8.0L62.0 8.0');
});
