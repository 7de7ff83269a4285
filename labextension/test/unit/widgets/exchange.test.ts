/** Questions and answers over a model: tied by their ids, the newest of a kind alone, late ones told. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MaestroError } from '../../../src/api/errors.js';
import { Exchange, numbersOf, PATIENCE, Superseded } from '../../../src/widgets/exchange.js';
import { type Listener, type Model } from '../../../src/widgets/model.js';

interface Sent {
  ask: string;
  kind: string;
  given: unknown;
}

class Kernel implements Model {
  readonly sent: Sent[] = [];
  readonly listeners = new Set<Listener>();
  get = (): never => {
    throw new Error('has no traits');
  };
  set = (): void => undefined;
  save_changes = (): void => undefined;
  send = (content: unknown): void => {
    this.sent.push(content as Sent);
  };
  on = (_event: string, listener: Listener): void => {
    this.listeners.add(listener);
  };
  off = (_event: string, listener: Listener): void => {
    this.listeners.delete(listener);
  };
  answer(place: number, content: object, buffers: DataView[] = []): void {
    for (const listener of this.listeners) listener({ answer: this.sent[place]?.ask, ...content }, buffers);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('answers find their questions in whatever order they come', async () => {
  const kernel = new Kernel();
  const exchange = new Exchange(kernel);
  const asked = [exchange.each('a', { n: 1 }), exchange.each('a', { n: 2 })];
  kernel.answer(1, { said: 'two' });
  kernel.answer(0, { said: 'one' });
  kernel.answer(0, { said: 'again' });
  expect((await Promise.all(asked)).map(({ said }) => said)).toEqual(['one', 'two']);
  expect(kernel.sent.map(({ kind, given }) => [kind, given])).toEqual([
    ['a', { n: 1 }],
    ['a', { n: 2 }]
  ]);
});

test('of a kind, the newest question alone is answered', async () => {
  const kernel = new Kernel();
  const exchange = new Exchange(kernel);
  const old = exchange.newestOf('rows', {});
  const other = exchange.newestOf('best', {});
  const late = expect(old).rejects.toBeInstanceOf(Superseded);
  const newest = exchange.newestOf('rows', {});
  kernel.answer(0, { said: 'old' });
  kernel.answer(2, { said: 'new' });
  kernel.answer(1, { said: 'other' });
  await late;
  expect([(await newest).said, (await other).said]).toEqual(['new', 'other']);
});

test('an error is thrown as the kernel says it', async () => {
  const kernel = new Kernel();
  const asked = new Exchange(kernel).each('rows', {});
  kernel.answer(0, { error: { message: 'No.', reason: 'invalid', hint: 'Try.' } });
  await expect(asked).rejects.toMatchObject({ message: 'No.', reason: 'invalid', hint: 'Try.' });
  await expect(asked).rejects.toBeInstanceOf(MaestroError);
});

test('a kernel that takes long is told, and told once it answers', async () => {
  const kernel = new Kernel();
  const told: boolean[] = [];
  const exchange = new Exchange(kernel, late => told.push(late));
  const quick = exchange.each('a', {});
  kernel.answer(0, { said: 1 });
  await quick;
  const slow = exchange.each('a', {});
  vi.advanceTimersByTime(PATIENCE + 1);
  expect(told).toEqual([true]);
  kernel.answer(1, { said: 1 });
  await slow;
  expect(told).toEqual([true, false]);
});

test('a view that is taken out awaits nothing', async () => {
  const kernel = new Kernel();
  const exchange = new Exchange(kernel);
  const asked = expect(exchange.each('a', {})).rejects.toBeInstanceOf(Superseded);
  exchange.close();
  await asked;
  expect(kernel.listeners.size).toBe(0);
});

test('numbers are read wherever their bytes begin', () => {
  const bytes = new Uint8Array(3 + 16);
  new DataView(bytes.buffer).setFloat64(3, 1.5, true);
  new DataView(bytes.buffer).setFloat64(11, NaN, true);
  expect([...numbersOf(new DataView(bytes.buffer, 3))]).toEqual([1.5, NaN]);
  expect(numbersOf(undefined).length).toBe(0);
});
