/** How a kernel's recording is read from its reply, and said in a word. */
import { expect, test } from 'vitest';
import { recordingOf, stateIn, type KernelState } from '../../../src/lab/kernel_state.js';

const STATE: KernelState = {
  recording: true,
  mode: 'on',
  project: 'p',
  notebook: null,
  points: 0,
  waiting: 0,
  dropped: 0,
  problems: 0,
  latest: ''
};

test('a kernel without Maestro, or that fails, has no state', () => {
  const none = { status: 'ok', data: { 'text/plain': 'None' }, metadata: {} };
  expect(stateIn({ user_expressions: { maestro: none } })).toBeUndefined();
  expect(stateIn({ user_expressions: { maestro: { status: 'error', ename: 'NameError' } } })).toBeUndefined();
  expect(stateIn({ status: 'aborted' })).toBeUndefined();
  expect(stateIn({ user_expressions: { maestro: { data: { 'application/json': STATE } } } })).toEqual(STATE);
});

test('the word is the worst that is true', () => {
  expect(recordingOf(false, STATE)).toBe('no kernel');
  expect(recordingOf(true, undefined)).toBe('not loaded');
  expect(recordingOf(true, STATE)).toBe('recording');
  expect(recordingOf(true, { ...STATE, recording: false })).toBe('paused');
  expect(recordingOf(true, { ...STATE, recording: false, mode: 'disabled' })).toBe('disabled');
  expect(recordingOf(true, { ...STATE, waiting: 3 })).toBe('problems');
});
