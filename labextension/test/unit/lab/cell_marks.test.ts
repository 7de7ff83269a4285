/** Which run a cell's mark shows, and when it says that the cell was edited. */
import { expect, test } from 'vitest';
import { isEdited, marksOf } from '../../../src/lab/cell_marks.js';

test('a cell shows its newest run, and how many it made before', () => {
  const made = { status: 'FINISHED', source: 'x' };
  const marks = marksOf([
    { cell: 'a', run: '3', name: 'third', ...made },
    { cell: 'b', run: '2', name: 'second', ...made },
    { cell: 'a', run: '1', name: 'first', ...made }
  ]);
  expect(marks.get('a')).toMatchObject({ run: '3', more: 1 });
  expect(marks.get('b')).toMatchObject({ run: '2', more: 0 });
});

test('a change of the source is an edit, ends of lines at the end are none', () => {
  expect(isEdited('fit(C=1)', 'fit(C=1)\n')).toBe(false);
  expect(isEdited('fit(C=1)', 'fit(C=2)')).toBe(true);
  expect(isEdited('fit()', '')).toBe(true);
});

test('where a secret was taken out, only what is around it is looked at', () => {
  const recorded = "login(key='[redacted]')\nfit()";
  expect(isEdited(recorded, "login(key='abc')\nfit()")).toBe(false);
  expect(isEdited(recorded, "login(key='abc')\nfit(2)")).toBe(true);
  expect(isEdited(recorded, "x\nlogin(key='abc')\nfit()")).toBe(true);
});
