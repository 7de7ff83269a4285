/** What differs between runs, and which is the best. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bestOf,
  type Compared,
  type ComparedRun,
  differs,
  nameOf,
  said,
  traitsOf
} from '../../../src/widgets/compared.js';

function aRun(params: ComparedRun['params'], metrics: ComparedRun['metrics'] = {}): ComparedRun {
  return { id: 'a', name: 'a', status: 'FINISHED', reason: '', started: 0, took: 1, params, metrics };
}

function compared(...runs: ComparedRun[]): Compared {
  return { runs, directions: { loss: { ranked: true, lower: true }, acc: { ranked: true, lower: false } } };
}

test('runs differ in what one lacks, and in None where another has nothing; NaN is NaN, and 0 is -0', () => {
  const runs = compared(
    aRun({ same: 1, none: null, kind: true, given: 2 }, { nan: NaN, zero: 0, loss: 1 }),
    aRun({ same: 1, kind: 1, given: 2 }, { nan: NaN, zero: -0, loss: 2 })
  );
  const names = traitsOf(runs).filter(differs).map(nameOf);
  expect(names).toEqual(['param kind', 'param none', 'metric loss']);
});

test('what is missing is not known, and never 0', () => {
  const [trait] = traitsOf(compared(aRun({ depth: 0 }), aRun({})));
  expect(trait?.values).toEqual([0, undefined]);
});

test('the estimator comes first, then parameters, metrics and the time', () => {
  const names = traitsOf(compared(aRun({ b: 1, a: 1, estimator: 'x' }, { loss: 1 }))).map(nameOf);
  expect(names).toEqual(['param estimator', 'param a', 'param b', 'metric loss', 'attribute took (s)']);
});

test('names that every object knows are nothing but names', () => {
  const own = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}') as ComparedRun['params'];
  const traits = traitsOf(compared(aRun(own, own), aRun({})));
  const known = traits.filter(({ entity }) => entity !== 'attribute');
  expect(known.map(({ values }) => values[1])).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined
  ]);
  expect(known.map(({ direction }) => direction)).toEqual(new Array(6).fill(undefined));
});

test('the best is marked in the right direction, all of them, and none where there is nothing to choose', () => {
  const best = (key: string, ...values: (number | string | undefined)[]): number[] => {
    const runs = values.map(value => aRun({}, value === undefined ? {} : { [key]: value }));
    const trait = traitsOf(compared(...runs)).find(one => one.key === key);
    return trait === undefined ? [] : [...bestOf(trait)];
  };
  expect(best('loss', 2, 1, undefined, 1)).toEqual([1, 3]);
  expect(best('acc', 2, 1, 'NaN', 'Infinity')).toEqual([0]);
  expect(best('acc', 1, 1)).toEqual([]);
  expect(best('acc', 1, undefined)).toEqual([]);
  expect(best('lr', 1, 2)).toEqual([]);
});

test('the best is no worse than any', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2 }), values => {
      const direction = { ranked: true, lower: true };
      for (const place of bestOf({ values, direction })) {
        expect(values[place]).toBe(Math.min(...values));
      }
    })
  );
});

test('values are said as Python says them, and classes by their last names', () => {
  expect([null, true, false, 0.1 + 0.2, undefined].map(value => said(value))).toEqual([
    'None',
    'True',
    'False',
    '0.3',
    ''
  ]);
  expect(said('sklearn.svm._classes.SVC')).toBe('SVC');
  expect(['v1.2', 'a.b', 'Not. Here', '<b>x.Y</b>'].map(value => said(value))).toEqual([
    'v1.2',
    'a.b',
    'Not. Here',
    '<b>x.Y</b>'
  ]);
});
