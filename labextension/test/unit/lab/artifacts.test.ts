/** The cell that uses an artifact. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useCode, variableOf } from '../../../src/lab/artifacts.js';

test('the version is named, so that the cell does the same tomorrow', () => {
  expect(useCode({ name: 'iris scaler', version: 3 })).toBe(
    'import maestro_jupyter as maestro\n\niris_scaler = maestro.use("iris scaler:3")'
  );
});

test('a variable is one that Python takes, and not our own', () => {
  expect(['class', '3d', 'Maestro', '…', 'a-b'].map(variableOf)).toEqual([
    'part_class',
    'part_3d',
    'part_maestro',
    'part',
    'a_b'
  ]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), name => {
      expect(variableOf(name)).toMatch(/^[a-z_]\w*$/);
      expect(useCode({ name, version: 1 }).split('\n').length).toBe(3);
    })
  );
});
