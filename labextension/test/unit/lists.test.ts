/** Pages, points, names of files and events that are put together: the pure parts. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameIn } from '../../src/api/files.js';
import { merged } from '../../src/api/follow.js';
import type { RunEvent } from '../../src/api/index.js';
import { pages } from '../../src/api/pages.js';
import { unpacked } from '../../src/api/points.js';

test('pages give every item once, in order, and ask for no page too many', async () => {
  const lists = fc.array(fc.integer(), { maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(lists, fc.integer({ min: 1, max: 10 }), async (list, limit) => {
      const asked: (string | undefined)[] = [];
      const ask = (cursor: string | undefined): Promise<{ items: number[]; cursor: string | null }> => {
        asked.push(cursor);
        const start = Number(cursor ?? 0);
        const end = start + limit;
        return Promise.resolve({
          items: list.slice(start, end),
          cursor: end < list.length ? String(end) : null
        });
      };
      const found: number[] = [];
      for await (const page of pages(ask)) found.push(...page.items);
      expect(found).toEqual(list);
      expect(asked).toHaveLength(Math.max(1, Math.ceil(list.length / limit)));
    })
  );
});

test('a page is not asked for before it is needed', async () => {
  let asked = 0;
  for await (const page of pages(() => Promise.resolve({ cursor: String(++asked) }))) {
    if (page.cursor === '2') break;
  }
  expect(asked).toBe(2);
});

const integers = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n });

test('points come back as they were packed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(integers, integers, fc.double())), points => {
      const view = new DataView(new ArrayBuffer(24 * points.length));
      points.forEach(([step, time, value], place) => {
        view.setBigInt64(8 * place, step, true);
        view.setBigInt64(8 * (points.length + place), time, true);
        view.setFloat64(8 * (2 * points.length + place), value, true);
      });
      expect(unpacked({ bytes: view.buffer, headers: new Headers({ 'X-Maestro-Total': '9' }) })).toEqual({
        steps: Float64Array.from(points, ([step]) => Number(step)),
        times: Float64Array.from(points, ([, time]) => Number(time)),
        values: Float64Array.from(points, ([, , value]) => value),
        total: 9
      });
    })
  );
});

test.each([
  ['half a point', 25, { 'X-Maestro-Total': '1' }],
  ['points of nobody knows how many', 24, {}]
])('%s cannot be understood', (_, size, headers) => {
  const answer = { bytes: new ArrayBuffer(size), headers: new Headers(headers) };
  expect(() => unpacked(answer)).toThrow('cannot be understood');
});

test.each([
  [`attachment; filename="a.txt"; filename*=UTF-8''%C3%BC%20%22.txt`, 'ü ".txt'],
  [`attachment; filename*=UTF-8''a; other=b`, 'a'],
  [`attachment; filename*=UTF-8''%ff`, 'file'],
  ['attachment', 'file']
])('the name in %s', (disposition, name) => {
  expect(nameIn(disposition)).toBe(name);
});

const events = fc
  .array(
    fc.record({
      run_id: fc.constantFrom('a', 'b', null),
      kinds: fc.uniqueArray(fc.constantFrom('started', 'changed', 'metrics', 'ended', 'warning'), {
        minLength: 1
      })
    }),
    { maxLength: 20 }
  )
  .map(list =>
    list.map((one, number): RunEvent => ({ ...one, number, time: '2026-01-01T00:00:00Z', text: null }))
  );

test('events of one run become one, of the latest number and with every kind', () => {
  fc.assert(
    fc.property(events, list => {
      const found = merged(list);
      const numbers = found.map(one => one.number);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      expect(found.filter(one => one.run_id === null)).toHaveLength(
        list.filter(one => one.run_id === null).length
      );
      for (const run of ['a', 'b']) {
        const its = list.filter(one => one.run_id === run);
        const [one, ...more] = found.filter(item => item.run_id === run);
        expect(more).toEqual([]);
        expect(one?.number).toBe(its.at(-1)?.number);
        expect(new Set(one?.kinds)).toEqual(new Set(its.flatMap(each => each.kinds)));
      }
    })
  );
});
