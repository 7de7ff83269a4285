/** The one stream of live events, and what is said where it does not come. */
import { expect, test, vi } from 'vitest';
import { MaestroError, type Following, type Told } from '../../../src/api/index.js';
import { Live } from '../../../src/lab/live.js';

test('a server without Maestro is told of, asked again, and no more told of once it answers', async () => {
  let asked = 0;
  const told: Told = { items: [], last: 1, reset: true };
  const client = {
    async *follow({ onState, signal }: Following = {}): AsyncGenerator<Told, void, undefined> {
      asked += 1;
      if (asked === 1)
        throw new MaestroError('This Jupyter server has no Maestro.', 'not_found', 'Run this.', 404);
      onState?.('live');
      yield told;
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    }
  };
  const live = new Live(client, 1);
  const problems: (string | undefined)[] = [];
  const heard: Told[] = [];
  live.changed.on(() => problems.push(live.problem?.message));
  live.told.on(said => heard.push(said));
  const controller = new AbortController();
  const listening = live.listen(controller.signal);
  await vi.waitFor(() => {
    expect(heard).toEqual([told]);
  });
  expect(problems).toEqual(['This Jupyter server has no Maestro.', undefined]);
  controller.abort(new Error('stopped'));
  await expect(listening).rejects.toThrow('stopped');
});
