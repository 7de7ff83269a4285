/** Parts of the library, and the code that uses one. */
import type { ArtifactVersion } from '../api/index.js';

/** How names are written that need no quotes around them in a variable's place. */
const WORD = /^[A-Za-z_]\w*$/;
const RESERVED = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield match case type maestro'
  ).split(' ')
);

/** Gives the cell that uses an artifact: by its version, so that it does the same tomorrow. */
export function useCode({ name, version }: Pick<ArtifactVersion, 'name' | 'version'>): string {
  return `import maestro_jupyter as maestro\n\n${variableOf(name)} = maestro.use(${quoted(`${name}:${String(version)}`)})`;
}

/** Gives a variable for an artifact's name. */
export function variableOf(name: string): string {
  const word = name
    .replace(/\W+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();
  if (word === '') return 'part';
  return WORD.test(word) && !RESERVED.has(word) ? word : `part_${word}`;
}

/** Gives a text as Python writes it: JSON's escapes are among Python's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
