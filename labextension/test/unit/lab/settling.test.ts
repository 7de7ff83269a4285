/** Changes are waited for, but not for ever. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Settling } from '../../../src/lab/settling.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('it acts once after the last of some changes', () => {
  const act = vi.fn();
  const settling = new Settling(act, 100, 1000);
  for (let time = 0; time < 5; time++) {
    settling.changed();
    vi.advanceTimersByTime(60);
  }
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(50);
  expect(act).toHaveBeenCalledTimes(1);
});

test('changes that go on and on do not keep it from acting', () => {
  const act = vi.fn();
  const settling = new Settling(act, 100, 1000);
  for (let time = 0; time < 25; time++) {
    settling.changed();
    vi.advanceTimersByTime(90);
  }
  expect(act).toHaveBeenCalledTimes(2);
});

test('stopped, it does not act', () => {
  const act = vi.fn();
  const settling = new Settling(act, 100, 1000);
  settling.changed();
  settling.stop();
  vi.advanceTimersByTime(5000);
  expect(act).not.toHaveBeenCalled();
});
