/** What a notebook's cells tell of it, as `maestro_jupyter.at_hand` gathers it in a kernel: imports, text, names. */
import type { NotebookAtHand } from '../api/index.js';

/** A cell as it is written. */
export interface Cell {
  kind: 'code' | 'markdown' | 'raw';
  source: string;
}

/** How many of the latest cells are told, and how many characters of each. */
const CELLS = 20;
const LENGTH = 4000;
/** How much of a cell is read at all. */
const READ = 20_000;
const IMPORTS = 200;
const IMPORT_LENGTH = 200;
const USED = 1000;
const NAME = 128;
/** Lines for IPython alone, and Maestro's own question. */
const OWN = /^[ \t]*(?:[%!?]|.*\bsuggest_artifacts\b).*$/gm;
const IMPORT = /^[ \t]*import[ \t]+([^\n#;]+)/gm;
const FROM = /^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^\n#;(]+))/gm;
const USE = /\bmaestro\.(?:use|register)\(\s*(["'])([^"'\n]+?)\1/g;
const MAGIC_USE = /^[ \t]*%maestro[ \t]+use[ \t]+(?:(["'])([^"'\n]+?)\1|(\S+))/gm;

/** Gives what is known of a notebook; undefined where nothing tells what it is about. */
export function notebookAtHand(
  cells: readonly Cell[],
  about: { project: string; notebook: string; n: number }
): NotebookAtHand | undefined {
  const code = codeIn(cells);
  const recent = code
    .map(source => source.replace(OWN, '').trim())
    .filter(source => source !== '')
    .slice(-CELLS)
    .map(source => cut(source));
  const text = cells.filter(({ kind, source }) => kind === 'markdown' && source.trim() !== '');
  const description = cut(text.map(({ source }) => source.trim()).join('\n\n'));
  if (recent.length === 0 && description === '') return undefined;
  return {
    imports: importsOf(code),
    cells: recent,
    description,
    project: about.project === 'default' ? '' : cut(about.project, 255),
    notebook: cut(about.notebook),
    used: usedIn(code),
    n: about.n
  };
}

/** Gives the sources of the code cells; of a very long one, its beginning. */
export function codeIn(cells: readonly Cell[]): string[] {
  return cells.filter(({ kind }) => kind === 'code').map(({ source }) => source.slice(0, READ));
}

/** Gives what cells import, in full, each once. */
export function importsOf(code: readonly string[]): string[] {
  const found = code.flatMap(source => [
    ...[...source.matchAll(IMPORT)].flatMap(([, names]) => named(names)),
    ...[...source.matchAll(FROM)]
      .filter(([, from]) => from?.startsWith('.') === false)
      .flatMap(([, from = '', several, one]) => named(several ?? one).map(name => `${from}.${name}`))
  ]);
  return unique(found.filter(name => name.length <= IMPORT_LENGTH)).slice(0, IMPORTS);
}

/** Gives the names of what cells use of the library, or put into it: it need not be suggested. */
export function usedIn(code: readonly string[]): string[] {
  const found = code.flatMap(source => [
    ...[...source.matchAll(USE)].map(([, , reference = '']) => reference),
    ...[...source.matchAll(MAGIC_USE)].map(([, , quoted, bare]) => quoted ?? bare ?? '')
  ]);
  const names = found.map(reference => reference.replace(/[@:].*$/, '').trim());
  return unique(names.filter(name => name !== '' && name.length <= NAME)).slice(0, USED);
}

const NAMES = String.raw`\(\s*([A-Za-z_]\w*)\s*,\s*(?:y\s*=\s*)?([A-Za-z_]\w*)\s*[,)]`;
/** Where data and their target stand beside one another, what says so most surely first. */
const DATA = [
  /^[ \t]*%maestro[ \t]+suggest[ \t]+([A-Za-z_]\w*)[ \t]+([A-Za-z_]\w*)/gm,
  new RegExp(String.raw`\bmaestro\.suggest${NAMES}`, 'g'),
  new RegExp(String.raw`\b(?:train_test_split)${NAMES}`, 'g'),
  /^[ \t]*(X\w*)[ \t]*,[ \t]*(y\w*)[ \t]*=(?!=)/gm,
  new RegExp(String.raw`\.fit${NAMES}`, 'g')
];

/** Gives what a notebook calls its data and their target, as its latest cells say; undefined if none does. */
export function dataNames(code: readonly string[]): [string, string] | undefined {
  for (const pattern of DATA) {
    for (const source of [...code].reverse()) {
      const [, x, y] = [...source.matchAll(pattern)].at(-1) ?? [];
      if (x !== undefined && y !== undefined) return [x, y];
    }
  }
  return undefined;
}

/** Gives the cell that asks which models to try on data. */
export function suggestCode([x, y]: readonly [string, string], isLoaded: boolean): string {
  return `${isLoaded ? '' : '%load_ext maestro_jupyter\n'}%maestro suggest ${x} ${y}`;
}

/** Gives the beginning of a text, without half a character at its end: the server takes none. */
function cut(text: string, length = LENGTH): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

function named(list = ''): string[] {
  const names = list.split(',').map(part => part.trim().split(/\s+as\s+/)[0] ?? '');
  return names.filter(name => /^[A-Za-z_][\w.]*$/.test(name));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
