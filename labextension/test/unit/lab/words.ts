/** Words as they are written, where no translator is. */
import { type Words } from '../../../src/lab/words.js';

const filled = (text: string, parts: readonly unknown[]): string =>
  text.replace(/%(\d)/g, (_, place: string) => String(parts[Number(place) - 1]));

export const WORDS: Words = {
  __: (text, ...parts) => filled(text, parts),
  _n: (one, many, count, ...parts) => filled(count === 1 ? one : many, [count, ...parts])
};
