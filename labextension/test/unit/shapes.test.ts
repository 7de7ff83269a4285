/** Decoding: what the server writes for numbers becomes numbers again, and nothing else is touched. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decoded, type Shape } from '../../src/api/shapes.js';

/** Writes a number as the server does. */
function told(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

const numbers = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
const texts = fc.oneof(fc.string(), fc.constantFrom('nan', 'inf', '-inf'));

test('numbers come back as they were, in lists and under any name', () => {
  fc.assert(
    fc.property(fc.array(numbers), fc.dictionary(texts, numbers), (list, names) => {
      const shape: Shape = { parts: { list: { each: 'number' }, names: { each: 'number' } } };
      const sent = {
        list: list.map(told),
        names: Object.fromEntries(Object.entries(names).map(([name, value]) => [name, told(value)]))
      };
      expect(decoded(sent, shape)).toEqual({ list, names: { ...names } });
    })
  );
});

test('what is not said to be a number stays as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), texts, (value, text) => {
      const sent = { value, text, list: [text, value] };
      expect(decoded(sent, { parts: { other: 'number', list: { parts: { '7': 'number' } } } })).toEqual(sent);
    })
  );
});

test('a run has numbers in its metrics, and texts in its parameters', () => {
  const run = { params: { mode: 'nan' }, metrics: { loss: 'nan', __proto__x: 'inf' }, tags: { a: 'inf' } };
  expect(decoded({ items: [run], cursor: null }, { of: 'RunsPage' })).toEqual({
    items: [{ ...run, metrics: { loss: NaN, __proto__x: Infinity } }],
    cursor: null
  });
});

test('a metric may have any name', () => {
  const sent: unknown = JSON.parse('{"metrics": {"__proto__": "nan", "constructor": "-inf"}}');
  const { metrics } = decoded(sent, { of: 'Run' }) as { metrics: Record<string, number> };
  expect(Object.entries(metrics)).toEqual([
    ['__proto__', NaN],
    ['constructor', -Infinity]
  ]);
});

test('a column is a list whose third part is a number', () => {
  expect(decoded(['nan', 'inf', 'nan'], { of: 'Column' })).toEqual(['nan', 'inf', NaN]);
  expect(decoded(null, { of: 'Column' })).toBeNull();
});
