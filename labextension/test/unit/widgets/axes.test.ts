/** Axes: where values stand, how they are marked, and what ranges choose. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Axis,
  axisOf,
  canBeLog,
  chosenBy,
  padded,
  rangeOf,
  saidAt,
  shareOf,
  ticksOf,
  valueAt
} from '../../../src/widgets/axes.js';
import { type Value } from '../../../src/widgets/numbers.js';

const param = (...values: Value[]): Axis => axisOf({ entity: 'param', values });
const NONE = { low: null, high: null };

test('numbers that span far and are above 0 stand by their magnitudes, unless told otherwise', () => {
  expect(param(1, 100).scale).toBe('linear');
  expect(param(1, 101).scale).toBe('log');
  expect(param(0, 1e6).scale).toBe('linear');
  expect(axisOf({ entity: 'param', values: [1, 1e6] }, false).scale).toBe('linear');
  expect(axisOf({ entity: 'param', values: [2, 4] }, true).scale).toBe('log');
  expect(axisOf({ entity: 'param', values: [-2, 4] }, true).scale).toBe('linear');
  expect([param(2, 4), param(0, 4), param('a')].map(canBeLog)).toEqual([true, false, false]);
  expect(shareOf(param(1, 1000), 10)).toBeCloseTo(1 / 3);
});

test('texts, truths and mixtures are categories in their order, numbers in texts as numbers', () => {
  expect(param('b', 'a', undefined, 'b')).toMatchObject({ labels: ['a', 'b'], at: [1, 0, undefined, 1] });
  expect(param('x10', 'x9').labels).toEqual(['x9', 'x10']);
  expect(param(0.5, 'sqrt', null, true)).toMatchObject({ scale: 'category', at: [0, 2, 1, 3] });
});

test('what is missing, and a metric that is not finite, has no place', () => {
  expect(axisOf({ entity: 'metric', values: [1, undefined, 'NaN', 3] })).toMatchObject({
    scale: 'linear',
    low: 1,
    high: 3,
    at: [1, undefined, undefined, 3]
  });
  expect(axisOf({ entity: 'metric', values: [undefined] }).at).toEqual([undefined]);
});

test('places and values belong together, from end to end', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1 }), values => {
      const axis = param(...values);
      for (const at of values) {
        const share = shareOf(axis, at);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
      for (const { at } of ticksOf(axis, 6)) {
        expect(at).toBeGreaterThanOrEqual(axis.low - Math.abs(axis.low) * 1e-9);
        expect(at).toBeLessThanOrEqual(axis.high + Math.abs(axis.high) * 1e-9);
      }
    })
  );
  for (const axis of [param(-3, 7), param(0.001, 1000)]) {
    for (const share of [0, 0.25, 1]) expect(shareOf(axis, valueAt(axis, share))).toBeCloseTo(share);
  }
});

test('a single value stands in the middle', () => {
  const axis = padded(param(5, 5));
  expect(shareOf(param(5, 5), 5)).toBe(0.5);
  expect(shareOf(axis, 5)).toBeCloseTo(0.5);
  expect(axis.low).toBeLessThan(axis.high);
});

test('the domain of a scatter has room around its points', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), values => {
      const axis = padded(param(...values));
      for (const at of values) {
        expect(shareOf(axis, at)).toBeGreaterThan(0.01);
        expect(shareOf(axis, at)).toBeLessThan(0.99);
      }
    })
  );
  expect(padded(param('a', 'b')).low).toBeLessThan(0);
});

test('marks are round, few, and said', () => {
  expect(ticksOf(param(0, 1), 5).map(({ label }) => label)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
  expect(ticksOf(param(0.0005, 20), 8).map(({ label }) => label)).toEqual([
    '0.001',
    '0.01',
    '0.1',
    '1',
    '10'
  ]);
  expect(ticksOf(param(2.1, 2.1), 8).map(({ label }) => label)).toEqual(['2.1']);
  expect(
    ticksOf(param(...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']), 5).map(({ label }) => label)
  ).toEqual(['a', 'c', 'e', 'g', 'i']);
  expect(saidAt(param('a', 'b'), 1)).toBe('b');
});

test('a range chooses what stands in it, its ends too, and never what is unknown', () => {
  const [depth, kind] = [param(1, 2, 3, undefined), param('a', 'b', 'b', 'b')];
  expect(chosenBy([[depth, { low: 2, high: null }]], 4)).toEqual([false, true, true, false]);
  expect(
    chosenBy(
      [
        [depth, { low: null, high: 2 }],
        [kind, { low: 1, high: 1 }]
      ],
      4
    )
  ).toEqual([false, true, false, false]);
  expect(chosenBy([[depth, NONE]], 4)).toEqual([true, true, true, true]);
});

test('a range is drawn in either direction, of categories around whole ones', () => {
  expect(rangeOf(param(0, 10), 0.5, 0.25)).toEqual({ low: 2.5, high: 5 });
  expect(rangeOf(param(0, 10), -1, 2)).toEqual({ low: 0, high: 10 });
  expect(rangeOf(param('a', 'b', 'c'), 0.4, 0.7)).toEqual({ low: 1, high: 1 });
  const [low, high] = [0.0123456, 99.87654];
  expect(rangeOf(param(low, high), 0, 1)).toEqual({ low, high });
});
