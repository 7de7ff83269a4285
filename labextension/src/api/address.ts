/** The addresses of what is asked for: names of any kind become parts of a path that stay apart. */

import { invalid, MaestroError } from './errors.js';

export type Parameters = Record<string, string | number | boolean | null | undefined>;

/** Gives the address of something below the interface's root; what is null or undefined is left out. */
export function address(path: string, names: Record<string, string> = {}, query: Parameters = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => segment(names[name] ?? ''));
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`${name}=${encoded(String(value))}`]
  );
  return given.length === 0 ? filled : `${filled}?${given.join('&')}`;
}

function segment(name: string): string {
  if (name === '') throw new MaestroError('An empty name names nothing.', 'not_found', '', 404);
  // A browser takes them for steps in the path, however they are written: https://url.spec.whatwg.org/#double-dot-path-segment
  if (name === '.' || name === '..') throw invalid(`The name '${name}' cannot be asked for from a browser.`);
  return encoded(name);
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw invalid('A text has half a character (a lone surrogate) in it.', 'Take it out.', { cause });
  }
}
