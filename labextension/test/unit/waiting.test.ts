/** Waiting: within bounds, longer each time, and broken off at once. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfter } from '../../src/api/errors.js';
import { delay, sleep } from '../../src/api/waiting.js';

const paces = fc.record({
  first: fc.integer({ min: 1, max: 1000 }),
  longest: fc.integer({ min: 1000, max: 60_000 })
});
const chances = fc.double({ min: 0, max: 1, noNaN: true });

test('a delay is never longer than the longest, and never less than half of what it could be', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), chances, paces, (failures, chance, pace) => {
      const longest = delay(failures, 0, pace);
      expect(longest).toBeLessThanOrEqual(pace.longest);
      expect(longest).toBeLessThanOrEqual(delay(failures + 1, 0, pace));
      expect(delay(failures, chance, pace)).toBeGreaterThanOrEqual(longest / 2);
      expect(delay(failures, chance, pace)).toBeLessThanOrEqual(longest);
    })
  );
  expect([1, 2, 3, 4].map(failures => delay(failures, 0, { first: 100, longest: 500 }))).toEqual([
    100, 200, 400, 500
  ]);
});

test.each([
  [null, undefined],
  ['7', 7],
  ['soon', undefined],
  ['-1', undefined],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0]
])('Retry-After: %s', (header, seconds) => {
  expect(retryAfter(header, Date.UTC(2026, 0, 1))).toBe(seconds);
});

test('waiting is broken off with the reason, before and meanwhile', async () => {
  const stopped = new Error('stopped');
  await expect(sleep(60_000, AbortSignal.abort(stopped))).rejects.toBe(stopped);
  const breaking = new AbortController();
  const asleep = sleep(60_000, breaking.signal);
  breaking.abort(stopped);
  await expect(asleep).rejects.toBe(stopped);
  await sleep(0, new AbortController().signal);
});
