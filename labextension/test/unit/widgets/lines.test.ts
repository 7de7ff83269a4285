/** Curves side by side, smoothed and told apart. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aligned, linesIn, moved, positive, smoothed, styleOf } from '../../../src/widgets/lines.js';

test('lines are read one behind the other', () => {
  const [first, none, second] = linesIn(Float64Array.of(0, 1, 10, 11, 5, 50), [2, 0, 1]);
  expect([...Array.from(first?.along ?? []), ...Array.from(first?.values ?? [])]).toEqual([0, 1, 10, 11]);
  expect(none?.along.length).toBe(0);
  expect([second?.along[0], second?.values[0]]).toEqual([5, 50]);
});

test('side by side, each line keeps its points; where it has none it is passed over, and a NaN is a gap', () => {
  const made = aligned([
    { along: [0, 2, 4], values: [1, NaN, 3] },
    { along: [1, 2], values: [5, Infinity] }
  ]);
  expect(made).toEqual([
    [0, 1, 2, 4],
    [1, undefined, null, 3],
    [undefined, 5, null, undefined]
  ]);
});

test('places are in order whatever the lines, and nothing is lost', () => {
  const line = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), all => {
      const [places, ...columns] = aligned(
        all.map(along => ({ along, values: along.map(place => place * 2) }))
      );
      expect(places).toEqual([...new Set(all.flat())].sort((a, b) => a - b));
      for (const [at, along] of all.entries()) {
        const kept = places.filter((_, index) => columns[at]?.[index] !== undefined);
        expect(kept).toEqual([...along].sort((a, b) => a - b));
      }
    })
  );
});

test('smoothing stays within the values, leaves a flat line flat and gaps where they are', () => {
  const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const weight = fc.double({ min: 0, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1, maxLength: 50 }), weight, (values, given) => {
      const made = [...smoothed(values, given)];
      const near = 1e-6 * (1 + Math.max(...values.map(Math.abs)));
      expect(Math.min(...made)).toBeGreaterThanOrEqual(Math.min(...values) - near);
      expect(Math.max(...made)).toBeLessThanOrEqual(Math.max(...values) + near);
      expect(made[0]).toBeCloseTo(values[0] ?? NaN, 6);
    })
  );
  expect([...smoothed([1, 3], 0)]).toEqual([1, 3]);
  expect([...smoothed([1, NaN, 1], 0.9)]).toEqual([1, NaN, 1]);
});

test('of twenty lines no two look alike, and neighbours differ in more than their colour', () => {
  const styles = Array.from({ length: 20 }, (_, place) => styleOf(place));
  expect(new Set(styles.map(style => JSON.stringify(style))).size).toBe(20);
  for (let place = 1; place < 20; place++) {
    expect(styles[place]?.dash).not.toEqual(styles[place - 1]?.dash);
  }
});

test('a logarithmic axis has no place for what is not above 0', () => {
  expect(positive([1, 0, -1, null, undefined])).toEqual([1, null, null, null, undefined]);
});

test('a part is moved and made longer around its middle', () => {
  expect(moved({ low: 0, high: 10 }, 0.5, 1)).toEqual({ low: 5, high: 15 });
  expect(moved({ low: 0, high: 10 }, 0, 0.5)).toEqual({ low: 2.5, high: 7.5 });
});
