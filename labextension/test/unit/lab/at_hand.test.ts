/** What a notebook's cells tell of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dataNames,
  importsOf,
  notebookAtHand,
  suggestCode,
  usedIn,
  type Cell
} from '../../../src/lab/at_hand.js';

const ABOUT = { project: 'income', notebook: '/work/a.ipynb', n: 5 };
const code = (source: string): Cell => ({ kind: 'code', source });
const text = (source: string): Cell => ({ kind: 'markdown', source });

test('imports are told in full, each once', () => {
  const found = importsOf([
    'import numpy as np, os.path\nfrom sklearn.cluster import KMeans as K, DBSCAN  # both',
    'from a.b import (\n    c as d,\n    e,\n)\nimport numpy\n  from . import own\nfrom x import *',
    'x = "not an import"; y = 1'
  ]);
  expect(found.sort()).toEqual([
    'a.b.c',
    'a.b.e',
    'numpy',
    'os.path',
    'sklearn.cluster.DBSCAN',
    'sklearn.cluster.KMeans'
  ]);
});

test('what was used or registered is told by its name alone', () => {
  const found = usedIn([
    'a = maestro.use("iris scaler:3"); maestro.use(\'b@champion\')',
    'maestro.register("mine", f)\n%maestro use "a b:2" --insert\n%maestro use limits',
    'other.use("no")'
  ]);
  expect(found).toEqual(['iris scaler', 'b', 'mine', 'a b', 'limits']);
});

test('lines for IPython are left out, and only the latest cells are told, each cut', () => {
  const cells = Array.from({ length: 30 }, (_, place) => code(`%maestro runs\n!ls\nx = ${String(place)}`));
  const found = notebookAtHand([text('# Incomes'), ...cells, code('y' + 'z'.repeat(9000))], ABOUT);
  expect(found?.cells?.slice(0, 2)).toEqual(['x = 11', 'x = 12']);
  expect(found?.cells?.at(-1)?.length).toBe(4000);
  expect(found).toMatchObject({
    description: '# Incomes',
    project: 'income',
    notebook: '/work/a.ipynb',
    n: 5
  });
  expect(notebookAtHand([code('x')], { ...ABOUT, project: 'default' })?.project).toBe('');
});

test('a character is not cut in two', () => {
  const found = notebookAtHand([code(`${'x'.repeat(3999)}😀`), text(`${'y'.repeat(3999)}😀`)], ABOUT);
  expect(found?.cells).toEqual(['x'.repeat(3999)]);
  expect(found?.description).toBe('y'.repeat(3999));
});

test('of an empty notebook nothing is told', () => {
  expect(notebookAtHand([], ABOUT)).toBeUndefined();
  expect(
    notebookAtHand([code(' \n%maestro runs'), text('  '), { kind: 'raw', source: 'x' }], ABOUT)
  ).toBeUndefined();
});

test('whatever the cells hold, the question is one that the server takes', () => {
  const cell = fc.record({
    kind: fc.constantFrom('code', 'markdown', 'raw'),
    source: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.stringMatching(/^(import|from) [\w., ()*]{0,400}$/),
      fc.string().map(name => `maestro.use("${name}")`)
    )
  }) as fc.Arbitrary<Cell>;
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 60 }), cells => {
      const found = notebookAtHand(cells, ABOUT);
      if (found === undefined) return;
      expect(found.imports?.every(name => name !== '' && name.length <= 200)).toBe(true);
      expect(found.used?.every(name => name !== '' && name.length <= 128)).toBe(true);
      expect(found.cells?.length).toBeLessThanOrEqual(50);
    })
  );
});

test.each([
  ['X, y = load_iris(return_X_y=True)', ['X', 'y']],
  [
    'X, y = load()\nX_train, X_test, y_train, y_test = train_test_split(data, target, test_size=.2)',
    ['data', 'target']
  ],
  ['model.fit(table, labels)', ['table', 'labels']],
  ['model.fit(X=1); other.fit(a, y=b)', ['a', 'b']],
  ['X, y = load()\n%maestro suggest kept labels -n 3', ['kept', 'labels']],
  ['maestro.suggest(kept, labels, n=3)', ['kept', 'labels']],
  ['%maestro suggest -n 3', undefined],
  ['model.fit(X[::2], y[::2])', undefined],
  ['X, y == 3', undefined],
  ['print(a, b)', undefined],
  ['', undefined]
])('%j tells the names of the data', (source, names) => {
  expect(dataNames([source])).toEqual(names);
});

test('the latest cell counts', () => {
  expect(dataNames(['m.fit(a, b)', 'm.fit(c, d)', 'plot(e, f)'])).toEqual(['c', 'd']);
});

test('the cell loads Maestro where the kernel has not', () => {
  expect(suggestCode(['X', 'y'], true)).toBe('%maestro suggest X y');
  expect(suggestCode(['X', 'y'], false)).toBe('%load_ext maestro_jupyter\n%maestro suggest X y');
});
