/** The client on a small HTTP server that behaves as a busy, a broken or somebody else's server does. */

import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { MaestroClient } from '../../src/api/index.js';
import { says, serve } from './serve.js';

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
  [
    'a login that has run out',
    says(403, '{"message": "Forbidden", "reason": null}'),
    'The Jupyter server does not let you in.',
    403,
    false
  ],
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
