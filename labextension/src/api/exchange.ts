/** One question and its answer: waits where the server says so, and fetches only what has changed. */

import { address, type Parameters } from './address.js';
import { errorOf, saidIn, unreachable, unreadable } from './errors.js';
import { Kept } from './kept.js';
import { decoded, type Operation } from './shapes.js';
import { sleep } from './waiting.js';

/** The way to the server. */
export interface Connection {
  /** Sends a request to an address below the interface's root, such as `runs?limit=2`. */
  send: (address: string, init: RequestInit) => Promise<Response>;
  /** Opens a WebSocket there. */
  open: (address: string) => WebSocket;
}

/** What may be said with every question. */
export interface Options {
  /** Breaks it off; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What is asked: the names in the path, the query, and the body. */
export interface Given {
  names?: Record<string, string>;
  query?: Parameters | undefined;
  body?: unknown;
}

/** What is no JSON, and what is said about it. */
export interface Content {
  bytes: ArrayBuffer;
  headers: Headers;
}

/** How long to go on asking a server that is asked too much, in milliseconds. */
export const PATIENCE = 30_000;

const SECOND = 1000;
const SHORTEST = 0.1;
const NOT_MODIFIED = 304;
const TOO_MANY = 429;

export class Exchange {
  readonly #kept = new Kept();

  constructor(
    private readonly connection: Connection,
    private readonly patience: number
  ) {}

  /** Asks for JSON. An answer with a status that is accepted is none of the errors. */
  async json(operation: Operation, given: Given, options: Options, accepted?: number): Promise<unknown> {
    const question = address(operation.path, given.names, given.query);
    const known = operation.verb === 'GET' ? this.#kept.get(question) : undefined;
    const init = requestOf(operation, given.body, known?.etag, options);
    const response = await this.#send(question, init, options);
    if (response.status === NOT_MODIFIED && known !== undefined) return read(known.text, response, operation);
    const text = await arrived(response.text(), options);
    const isAccepted = response.status === accepted && saidIn(text) === undefined;
    if (!response.ok && !isAccepted) throw errorOf(response, text);
    const etag = response.headers.get('ETag');
    if (response.ok && operation.verb === 'GET' && etag !== null) this.#kept.put(question, { etag, text });
    return read(text, response, operation);
  }

  /** Asks for what is no JSON. */
  async content(operation: Operation, given: Given, options: Options): Promise<Content> {
    const question = address(operation.path, given.names, given.query);
    const init = requestOf(operation, given.body, undefined, options);
    const response = await this.#send(question, init, options);
    if (!response.ok) throw errorOf(response, await arrived(response.text(), options));
    return { bytes: await arrived(response.arrayBuffer(), options), headers: response.headers };
  }

  /** Sends a request, and again as long as the server says to come later: it has then done nothing yet. */
  async #send(question: string, init: RequestInit, options: Options): Promise<Response> {
    let waited = 0;
    for (;;) {
      options.signal?.throwIfAborted();
      const response = await arrived(this.connection.send(question, init), options);
      if (response.status !== TOO_MANY) return response;
      const error = errorOf(response, await arrived(response.text(), options));
      const wait = Math.max(error.retryAfter ?? 1, SHORTEST) * SECOND;
      waited += wait;
      if (waited > this.patience) throw error;
      await sleep(wait, options.signal);
    }
  }
}

function requestOf(
  { verb }: Operation,
  body: unknown,
  etag: string | undefined,
  { signal }: Options
): RequestInit {
  const headers: Record<string, string> = {};
  if (etag !== undefined) headers['If-None-Match'] = etag;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  return {
    method: verb,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal })
  };
}

/** Waits for what comes over the network. */
async function arrived<Part>(coming: Promise<Part>, { signal }: Options): Promise<Part> {
  try {
    return await coming;
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(error);
  }
}

function read(text: string, response: Response, { shape }: Operation): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return shape === undefined ? value : decoded(value, shape);
  } catch (cause) {
    throw unreadable(response.status, cause);
  }
}
