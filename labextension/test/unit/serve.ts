/** Small HTTP servers that behave as a busy, a broken or somebody else's server does. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import type { Connection } from '../../src/api/index.js';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Closable {
  close(): unknown;
}

const servers: Closable[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Starts a server that gives one answer after another, the last one again and again. */
export async function serve(
  ...answers: Answer[]
): Promise<{ connection: Connection; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    answers[Math.min(asked.push(request), answers.length) - 1]?.(request, response);
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const host = hostOf(server);
  return {
    connection: { send: (address, init) => fetch(`http://${host}/${address}`, init), open: socketTo(host) },
    asked
  };
}

/** Starts a server of WebSockets that says some messages to each, and nothing more; gives how to open one. */
export async function serveSockets(...messages: string[]): Promise<Connection['open']> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', socket => {
    for (const message of messages) socket.send(message);
  });
  servers.push(server);
  await new Promise(resolve => server.once('listening', resolve));
  return socketTo(hostOf(server));
}

function hostOf(server: { address(): unknown }): string {
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function socketTo(host: string): Connection['open'] {
  return address => new NodeWebSocket(`ws://${host}/${address}`) as unknown as WebSocket;
}

/** Gives an answer that says something. */
export function says(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}
