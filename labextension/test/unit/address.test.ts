/** Addresses: whatever a name is, it stays one part of the path, and arrives as it was. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { address } from '../../src/api/address.js';

const ROOT = 'http://host/a%40b/maestro/api/v1/';
const names = fc.string({ unit: 'grapheme', minLength: 1 }).filter(name => name !== '.' && name !== '..');

test('names arrive as they were', () => {
  fc.assert(
    fc.property(names, names, names, (run_id, key, filter) => {
      const url = new URL(
        ROOT + address('runs/{run_id}/metrics/{key}', { run_id, key }, { filter, limit: 2 })
      );
      const parts = url.pathname.split('/').slice(5).map(decodeURIComponent);
      expect(parts).toEqual(['runs', run_id, 'metrics', key]);
      expect([...url.searchParams]).toEqual([
        ['filter', filter],
        ['limit', '2']
      ]);
    })
  );
});

test('what is not said is not asked', () => {
  expect(address('runs', {}, { filter: '', project: null, cursor: undefined })).toBe('runs?filter=');
  expect(address('runs')).toBe('runs');
});

test.each([
  ['', 404, 'An empty name names nothing.'],
  ['.', 400, "The name '.' cannot be asked for from a browser."],
  ['..', 400, "The name '..' cannot be asked for from a browser."],
  ['\ud800', 400, 'A text has half a character (a lone surrogate) in it.']
])('the name %j is refused', (name, status, message) => {
  expect(() => address('projects/{name}', { name })).toThrow(
    expect.objectContaining({ name: 'MaestroError', status, message }) as Error
  );
});
