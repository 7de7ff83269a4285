/** The client on a small HTTP server that behaves as a busy, a broken or somebody else's server does. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { MaestroClient, type Connection, type State } from '../../src/api/index.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const servers: { close(): unknown }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Starts a server that gives one answer after another, the last one again and again. */
async function serve(
  ...answers: Answer[]
): Promise<{ connection: Connection; asked: IncomingMessage[]; port: number }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    answers[Math.min(asked.push(request), answers.length) - 1]?.(request, response);
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connection: Connection = {
    send: (address, init) => fetch(`http://127.0.0.1:${String(port)}/${address}`, init),
    open: address => new NodeWebSocket(`ws://127.0.0.1:${String(port)}/${address}`) as unknown as WebSocket
  };
  return { connection, asked, port };
}

function says(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

const BUSY = { message: 'You ask faster than this server answers.', reason: 'too_many', hint: 'Wait.' };

test('a busy server is waited for, as long as it says, and a change is sent once more', async () => {
  const { connection, asked } = await serve(
    says(429, BUSY, { 'Retry-After': '0' }),
    says(200, { run_id: 'a' })
  );
  expect(await new MaestroClient(connection).editRun('a', { note: 'good' })).toEqual({ run_id: 'a' });
  expect(asked.map(one => [one.method, one.headers['content-type']])).toEqual([
    ['PATCH', 'application/json'],
    ['PATCH', 'application/json']
  ]);
});

test('one that stays busy for too long is not waited for', async () => {
  const { connection, asked } = await serve(says(429, BUSY, { 'Retry-After': '3600' }));
  await expect(new MaestroClient(connection).projects()).rejects.toMatchObject({
    ...BUSY,
    status: 429,
    retryAfter: 3600
  });
  expect(asked).toHaveLength(1);
  const again = await serve(says(429, BUSY, { 'Retry-After': '0' }));
  await expect(new MaestroClient(again.connection, 250).projects()).rejects.toMatchObject({ status: 429 });
  expect(again.asked).toHaveLength(3);
});

test('waiting for a busy server can be broken off', async () => {
  const breaking = new AbortController();
  const stopped = new Error('stopped');
  const { connection } = await serve((request, response) => {
    says(429, BUSY, { 'Retry-After': '20' })(request, response);
    response.on('finish', () => {
      breaking.abort(stopped);
    });
  });
  await expect(new MaestroClient(connection).projects({ signal: breaking.signal })).rejects.toBe(stopped);
});

test('what is kept is shown by its tag, and taken anew when it has changed', async () => {
  const { connection, asked } = await serve(
    says(200, { count: 1 }, { ETag: '"a"' }),
    says(304, ''),
    says(200, { count: 2 }, { ETag: '"b"' }),
    says(304, '')
  );
  const client = new MaestroClient(connection);
  const counts = [];
  for (let time = 0; time < 4; time++) counts.push(await client.countRuns());
  expect(counts).toEqual([1, 1, 2, 2]);
  expect(asked.map(one => one.headers['if-none-match'])).toEqual([undefined, '"a"', '"a"', '"b"']);
});

test('what one caller does to an answer, the next does not see', async () => {
  const { connection } = await serve(says(200, ['a'], { ETag: '"a"' }), says(304, ''));
  const client = new MaestroClient(connection);
  (await client.metricKeys()).push('b');
  expect(await client.metricKeys()).toEqual(['a']);
});

test.each([
  ['a page of a proxy', says(502, '<html>'), 'The server answers with status 502.', 502, true],
  ['a page in place of JSON', says(200, '<html>'), "The server's answer cannot be understood.", 200, false],
  ['another 404', says(404, '{"message": "Not Found"}'), 'This Jupyter server has no Maestro.', 404, false],
  ['an error of Maestro', says(503, { ...BUSY, message: 'No.' }), 'No.', 503, true],
  [
    'no answer',
    (request: IncomingMessage) => request.socket.destroy(),
    'The Jupyter server cannot be reached.',
    0,
    true
  ]
])('%s is an error that says so', async (_, answer, message, status, passes) => {
  const { connection } = await serve(answer);
  await expect(new MaestroClient(connection).projects()).rejects.toMatchObject({
    name: 'MaestroError',
    message,
    status,
    passes
  });
});

test('a server that is not ready says why, as an answer', async () => {
  const said = { ready: false, version: '1', parts: { store: 'The store cannot be read.' } };
  const { connection } = await serve(says(503, said), says(503, BUSY));
  const client = new MaestroClient(connection);
  expect(await client.ready()).toEqual(said);
  await expect(client.ready()).rejects.toMatchObject({ ...BUSY, status: 503 });
});

test('a WebSocket that is opened and says nothing is given up', async () => {
  const { connection, port } = await serve((request, response) => {
    const last = request.url?.startsWith('/events?after=9007199254740991') === true ? 4 : 5;
    const items = [{ number: 5, time: '', kinds: ['warning'], run_id: null, text: 'damaged' }];
    says(200, { items: last === 5 ? items : [], last, reset: last === 4 })(request, response);
  });
  expect(port).toBeGreaterThan(0);
  const silent = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  servers.push(silent);
  await new Promise(resolve => silent.once('listening', resolve));
  const address = `ws://127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
  const states: State[] = [];
  const following = new MaestroClient({
    send: connection.send,
    open: () => new NodeWebSocket(address) as unknown as WebSocket
  }).follow({ onState: state => states.push(state), pace: { first: 10, longest: 10, poll: 10, ready: 50 } });
  expect((await following.next()).value).toMatchObject({ last: 5, items: [{ number: 5, text: 'damaged' }] });
  expect(states).toEqual(['polling']);
  await following.return();
});
