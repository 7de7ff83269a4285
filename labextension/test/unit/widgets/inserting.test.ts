import { afterEach, expect, it, vi } from 'vitest';
import { INSERT, insert } from '../../../src/widgets/inserting.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

const said: Event[] = [];

/** An element whose events somebody listens to, or nobody. */
function element(isTaken: boolean): Element {
  const target = new EventTarget();
  target.addEventListener(INSERT, event => {
    said.push(event);
    if (isTaken) event.preventDefault();
  });
  return target as Element;
}

it('leaves the code to whoever inserts it', async () => {
  expect(await insert('x = 1', element(true))).toBe('The code is in the cell below.');
  expect((said.at(-1) as CustomEvent<unknown>).detail).toEqual({ source: 'x = 1' });
});

it('copies the code where nobody inserts it, and says where that cannot be', async () => {
  const copied: string[] = [];
  const writeText = (text: string): Promise<void> => {
    copied.push(text);
    return Promise.resolve();
  };
  vi.stubGlobal('navigator', { clipboard: { writeText } });
  expect(await insert('x = 1', element(false))).toMatch(/copied: paste it/);
  expect(copied).toEqual(['x = 1']);
  vi.stubGlobal('navigator', {});
  expect(await insert('x = 1', element(false))).toMatch(/cannot be copied here/);
});
