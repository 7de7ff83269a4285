/** The Jupyter server that pytest has started, and connections whose answers are held against its description. */

import { ServerConnection } from '@jupyterlab/services';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Connection } from '../../src/api/index.js';
import { jupyterConnection } from '../../src/jupyter/connection.js';

export const SERVER = given('MAESTRO_TEST_URL');
export const OWNER = given('MAESTRO_TEST_OWNER');
export const MEMBER = given('MAESTRO_TEST_MEMBER');

const ROOT = `${SERVER}maestro/api/v1/`;
const CONTROL = given('MAESTRO_TEST_CONTROL');

/** Something that was asked, and the status of the answer. */
export interface Asked {
  operation: string;
  status: number;
}

type Schema = Record<string, unknown>;

interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

interface Document extends Schema {
  paths: Record<string, Record<string, Operation>>;
}

interface Described {
  id: string;
  verb: string;
  pattern: RegExp;
  operation: Operation;
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: pytest runs these tests.`);
  return value;
}

/** Lets something happen to the server: `stop`, `start`, or `happen` with what is to be told. */
export async function control(what: 'stop' | 'start' | 'happen', texts: string[] = []): Promise<void> {
  const response = await fetch(`${CONTROL}/${what}`, { method: 'POST', body: JSON.stringify(texts) });
  if (!response.ok) throw new Error(`${what}: ${String(response.status)}`);
}

/** What the server says of itself. */
export class Description {
  readonly #ajv = new Ajv2020({ allErrors: true, strict: false });
  readonly #described: Described[];

  private constructor(document: Document) {
    this.#ajv.addSchema(asTold(document) as Schema, 'told');
    this.#described = Object.entries(document.paths)
      .sort(([a], [b]) => a.split('{').length - b.split('{').length)
      .flatMap(([path, verbs]) =>
        Object.entries(verbs).map(([verb, operation]) => ({
          id: operation.operationId,
          verb: verb.toUpperCase(),
          pattern: new RegExp(`^${path.slice(1).replace(/\{\w+\}/g, '[^/]+')}$`),
          operation
        }))
      );
  }

  static async fetch(): Promise<Description> {
    const headers = { Authorization: `token ${OWNER}` };
    const response = await fetch(`${ROOT}openapi.json`, { headers });
    return new Description((await response.json()) as Document);
  }

  get operations(): string[] {
    return this.#described.map(one => one.id);
  }

  /** Sees that an answer is as it should be; gives the operation that was asked. */
  async checked(request: Request, response: Response): Promise<string> {
    const path = request.url.slice(ROOT.length).replace(/\?.*/, '');
    const known = this.#described.find(one => one.verb === request.method && one.pattern.test(path));
    if (known === undefined) throw new Error(`The description has no ${request.method} ${path}.`);
    if (response.status === 304) return known.id;
    const content = known.operation.responses[String(response.status)]?.content ?? {};
    const kind = (response.headers.get('Content-Type') ?? '').replace(/;.*/, '');
    const media = content[kind];
    if (media === undefined) {
      throw new Error(`${known.id} does not answer ${String(response.status)} with ${kind}.`);
    }
    if (media.schema !== undefined) this.hold(media.schema, await response.clone().json());
    return known.id;
  }

  /** Sees that a message over the WebSocket of live events is as it should be. */
  message(text: string): void {
    this.hold({ $ref: 'told#/x-maestro-sockets/~1events~1live/messages' }, JSON.parse(text));
  }

  hold(schema: Schema, value: unknown): void {
    const inside = JSON.parse(JSON.stringify(asTold(schema)).replaceAll('"#/', '"told#/')) as Schema;
    if (this.#ajv.validate(inside, value)) return;
    throw new Error(`${this.#ajv.errorsText()}: ${JSON.stringify(value).slice(0, 1000)}`);
  }

  /** Gives a connection that notes what is asked; every answer and every message is looked at. */
  connection(token: string, asked: Asked[] = []): Connection {
    const made = ServerConnection.makeSettings({
      baseUrl: SERVER,
      token,
      fetch: async input => {
        const request = input as Request;
        const response = await fetch(request);
        asked.push({ operation: await this.checked(request, response), status: response.status });
        return response;
      }
    });
    const { send, open } = jupyterConnection(made);
    return {
      send,
      open: address => {
        const socket = open(address);
        socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
          this.message(data);
        });
        return socket;
      }
    };
  }
}

/** Tightens a schema to what is told in full: everything that has a default is there, and nothing undeclared is. */
function asTold(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asTold);
  if (typeof schema !== 'object' || schema === null) return schema;
  const tight = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, asTold(value)]));
  const properties = tight['properties'] as Record<string, Schema> | undefined;
  if (tight['type'] !== 'object' || properties === undefined) return tight;
  const required = Object.keys(properties).filter(
    name => 'default' in (properties[name] ?? {}) || (tight['required'] as string[]).includes(name)
  );
  return { ...tight, required, additionalProperties: false };
}
