/** Live events from servers that do not behave. */

import { expect, test } from 'vitest';
import { MaestroClient, type State } from '../../src/api/index.js';
import { says, serve, serveSockets } from './serve.js';

const PACE = { first: 10, longest: 10, poll: 10, ready: 50 };

test('a WebSocket that is opened and says nothing is given up', async () => {
  const { connection } = await serve((request, response) => {
    // What is asked for first is the number of what has happened last.
    const last = request.url === `/events?after=${String(Number.MAX_SAFE_INTEGER)}&limit=1` ? 4 : 5;
    const items = [{ number: 5, time: '', kinds: ['warning'], run_id: null, text: 'damaged' }];
    says(200, { items: last === 5 ? items : [], last, reset: last === 4 })(request, response);
  });
  const states: State[] = [];
  const following = new MaestroClient({ send: connection.send, open: await serveSockets() }).follow({
    onState: state => states.push(state),
    pace: PACE
  });
  expect((await following.next()).value).toMatchObject({ last: 5, items: [{ number: 5, text: 'damaged' }] });
  expect(states).toEqual(['polling']);
  await following.return();
});

test('a WebSocket that says what is none of the messages is an error that says so', async () => {
  const { connection } = await serve(says(500, ''));
  const open = await serveSockets('{"type": "ready", "last": 3}', '<html>');
  const states: State[] = [];
  const following = new MaestroClient({ send: connection.send, open }).follow({
    onState: state => states.push(state),
    pace: PACE
  });
  await expect(following.next()).rejects.toMatchObject({
    message: "The server's answer cannot be understood."
  });
  expect(states).toEqual(['live']);
});

test('what is pushed is told in its order, and what is not known left out', async () => {
  const { connection, asked } = await serve(says(503, ''));
  const item = { number: 4, time: '', kinds: ['metrics'], run_id: 'a', metrics: { loss: 'nan' } };
  const open = await serveSockets(
    '{"type": "ready", "last": 3}',
    '{"type": "news"}',
    JSON.stringify({ type: 'events', items: [item], last: 4 }),
    '{"type": "reset", "last": 9}'
  );
  const following = new MaestroClient({ send: connection.send, open }).follow({ after: 3, pace: PACE });
  expect((await following.next()).value).toEqual({
    items: [{ ...item, metrics: { loss: NaN } }],
    last: 4,
    reset: false
  });
  expect((await following.next()).value).toEqual({ items: [], last: 9, reset: true });
  expect(asked).toEqual([]);
  await following.return();
});
