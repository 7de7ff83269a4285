/** Kept answers: the newest ones, never more than the limit. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Kept } from '../../src/api/kept.js';

test('what is kept is the last that was put, and never too much', () => {
  const puts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.string({ maxLength: 40 })));
  fc.assert(
    fc.property(puts, given => {
      const kept = new Kept(100);
      const last = new Map<string, string>();
      for (const [question, text] of given) {
        kept.put(question, { etag: text, text });
        last.set(question, text);
        expect(kept.size).toBeLessThanOrEqual(100);
      }
      const found = [...last].filter(([question]) => kept.get(question) !== undefined);
      for (const [question, text] of found) expect(kept.get(question)).toEqual({ etag: text, text });
      expect(kept.size).toBe(found.reduce((sum, [, text]) => sum + text.length, 0));
    })
  );
});

test('what was not asked for the longest goes first, and what is too large is not kept', () => {
  const kept = new Kept(8);
  for (const question of ['a', 'b', 'c', 'd']) kept.put(question, { etag: question, text: '12' });
  kept.get('a');
  kept.put('e', { etag: 'e', text: '12' });
  expect(['a', 'b', 'c', 'd', 'e'].map(question => kept.get(question)?.etag)).toEqual([
    'a',
    undefined,
    'c',
    'd',
    'e'
  ]);
  kept.put('a', { etag: 'new', text: '123' });
  expect(kept.get('a')).toBeUndefined();
});
