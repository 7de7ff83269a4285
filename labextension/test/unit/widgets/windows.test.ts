/** A long table's window: every row can be come to, and what is seen stands where it should. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PAGE, Pages } from '../../../src/widgets/pages.js';
import { heightOf, placeOf, rowsIn, scrollTo, TALLEST } from '../../../src/widgets/windows.js';

const sights = fc.record({
  total: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 5_000_000 })),
  row: fc.constant(28),
  window: fc.integer({ min: 28, max: 900 })
});

test('scrolled to the ends, the first and the last row are seen', () => {
  fc.assert(
    fc.property(sights, given => {
      const end = Math.max(0, heightOf(given) - given.window);
      expect(rowsIn({ ...given, scrolled: 0 }).first).toBe(0);
      expect(rowsIn({ ...given, scrolled: end }).end).toBe(given.total);
      expect(heightOf(given)).toBeLessThanOrEqual(TALLEST);
    })
  );
});

test('a row that is scrolled to is seen whole, and not more is drawn than has room', () => {
  fc.assert(
    fc.property(sights, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (given, nth, share) => {
      fc.pre(given.total > 0);
      const index = nth % given.total;
      const scrolled = share * Math.max(0, heightOf(given) - given.window);
      const sight = { ...given, scrolled: scrollTo(index, { ...given, scrolled }) };
      const place = placeOf(index, sight) - sight.scrolled;
      expect(place).toBeGreaterThan(-0.5);
      expect(place + given.row).toBeLessThan(Math.max(given.window, given.row) + 0.5);
      const { first, end } = rowsIn(sight, 3);
      expect(end - first).toBeLessThanOrEqual(Math.ceil(given.window / given.row) + 8);
      expect(index >= first && index < end).toBe(true);
    })
  );
});

test('what was fetched is there, and what is missing is asked for in whole pages', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(40)),
      fc.nat(2000),
      fc.integer({ min: 1, max: 300 }),
      (kept, first, count) => {
        const pages = new Pages<number>();
        for (const page of kept) {
          const rows = Array.from({ length: PAGE }, (_, at) => page * PAGE + at);
          pages.put(page * PAGE, PAGE, rows);
        }
        const missing = pages.missing({ first, end: first + count });
        for (let row = first; row < first + count; row++) {
          const isAsked =
            missing !== undefined && row >= missing.offset && row < missing.offset + missing.limit;
          if (!isAsked) expect(pages.row(row)).toBe(row);
        }
        if (missing !== undefined) expect([missing.offset % PAGE, missing.limit % PAGE]).toEqual([0, 0]);
      }
    )
  );
});

test('a list that ends sooner than was asked is not asked for again', () => {
  const pages = new Pages<string>();
  pages.put(0, 2 * PAGE, ['a']);
  expect(pages.missing({ first: 0, end: 2 * PAGE })).toBeUndefined();
  expect([pages.row(0), pages.row(1), pages.all()]).toEqual(['a', undefined, ['a']]);
});

test('only the latest pages are kept', () => {
  const pages = new Pages<number>();
  for (let page = 0; page < 200; page++) pages.put(page * PAGE, PAGE, [page]);
  expect(pages.row(0)).toBeUndefined();
  expect(pages.row(199 * PAGE)).toBe(199);
  expect(pages.all().length).toBeLessThan(100);
});
