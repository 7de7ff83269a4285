/** Live events: pushed over a WebSocket, asked for where there is none, and none lost or told twice in between. */

import { address } from './address.js';
import { MaestroError, unreadable } from './errors.js';
import type { Connection, Options } from './exchange.js';
import type { EventsPage, LiveEvent, Message, Page, Run, RunEvent } from './models.js';
import { decoded } from './shapes.js';
import { delay, PACE, sleep, type Pace } from './waiting.js';

/** What has happened since what was told before. */
export interface Told {
  /** What has happened to each run, put together, and how the run is now. */
  items: LiveEvent[];
  /** The number to go on from. */
  last: number;
  /** Whether more has happened than is kept: then what is shown has to be read anew. */
  reset: boolean;
}

/** How one is connected: pushed to, asking again and again, or waiting for a server that does not answer. */
export type State = 'live' | 'polling' | 'waiting';

/** From where on to be told, and how. */
export interface Following extends Options {
  /** The last number that was seen; what comes from now on if it is left out. */
  after?: number | undefined;
  /** Is told when the way of being connected changes. */
  onState?: ((state: State) => void) | undefined;
  pace?: Pace | undefined;
}

/** What is asked where nothing is pushed. */
export interface Source {
  events(query: { after: number; limit: number }, options: Options): Promise<EventsPage>;
  runFields(
    fields: string[],
    query: { filter: string; limit: number },
    options: Options
  ): Promise<Page<Partial<Run>>>;
}

const KINDS = ['started', 'changed', 'metrics', 'ended', 'warning'];
const MESSAGES = ['ready', 'events', 'reset'];
const FIELDS = ['run_id', 'name', 'project', 'status', 'status_reason', 'metrics', 'archived'];
const AT_ONCE = 200;

/**
 * Tells what happens, until it is broken off.
 *
 * When the WebSocket ends, or cannot be had, it asks for events by number for a while, longer each time, and
 * then tries to get a WebSocket again. It goes on from the last number that was told, so that nothing is lost
 * and nothing told twice. A server that cannot be reached is waited for; what a server refuses is thrown.
 */
export async function* follow(
  source: Source,
  connection: Connection,
  following: Following = {}
): AsyncGenerator<Told, void, undefined> {
  const follower = new Follower(source, connection, following);
  for (;;) {
    yield* follower.pushed();
    yield* follower.polled();
  }
}

/** Knows how far one has got, and by which way. */
class Follower {
  #last: number | undefined;
  #state: State | undefined;
  #failures = 0;
  readonly #pace: Pace;

  constructor(
    private readonly source: Source,
    private readonly connection: Connection,
    private readonly following: Following
  ) {
    this.#last = following.after;
    this.#pace = following.pace ?? PACE;
  }

  /** Tells what is pushed, until the WebSocket ends. */
  async *pushed(): AsyncGenerator<Told, void, undefined> {
    const socket = this.connection.open(address('events/live', {}, { after: this.#last }));
    for await (const message of messages(socket, this.#pace.ready, this.following.signal)) {
      if (!MESSAGES.includes(message.type)) continue; // a later server may have more to say
      this.#last = message.last;
      if (message.type === 'ready') {
        this.#failures = 0;
        this.#say('live');
      } else {
        const items = message.type === 'events' ? message.items : [];
        yield { items, last: message.last, reset: message.type === 'reset' };
      }
    }
    this.#failures += 1;
  }

  /** Tells what can be asked for, until it is time to try a WebSocket again. */
  async *polled(): AsyncGenerator<Told, void, undefined> {
    const { poll } = this.#pace;
    const until = Date.now() + delay(this.#failures, Math.random(), this.#pace);
    do {
      const told = await this.#poll();
      if (told !== undefined && (told.items.length > 0 || told.reset)) yield told;
      await sleep(Math.max(0, Math.min(poll, until - Date.now())), this.following.signal);
    } while (Date.now() < until);
  }

  /** Gives what has happened; undefined if the server does not answer now. */
  async #poll(): Promise<Told | undefined> {
    try {
      this.#last ??= await newest(this.source, this.following);
      const told = await happened(this.source, this.#last, this.following);
      this.#last = told.last;
      this.#say('polling');
      return told;
    } catch (error) {
      if (!(error instanceof MaestroError && error.passes)) throw error;
      this.#say('waiting');
      return undefined;
    }
  }

  #say(state: State): void {
    if (state !== this.#state) this.following.onState?.(state);
    this.#state = state;
  }
}

/** Gives what has happened, put together by run as the server does before it pushes: the run's latest number, all kinds. */
export function merged(events: RunEvent[]): LiveEvent[] {
  const byRun = new Map<string | number, LiveEvent>();
  for (const event of events) {
    const whose = event.run_id ?? event.number;
    const kinds = new Set([...(byRun.get(whose)?.kinds ?? []), ...event.kinds]);
    byRun.set(whose, {
      ...event,
      kinds: KINDS.filter(kind => kinds.has(kind)),
      name: null,
      project: null,
      status: null,
      status_reason: null,
      metrics: {},
      archived: null
    });
  }
  return [...byRun.values()].sort((a, b) => a.number - b.number);
}

/** Gives the number of what has happened last: one that is not reached yet is answered with it. */
async function newest(source: Source, options: Options): Promise<number> {
  return (await source.events({ after: Number.MAX_SAFE_INTEGER, limit: 1 }, options)).last;
}

async function happened(source: Source, after: number, options: Options): Promise<Told> {
  const { items, last, reset } = await source.events({ after, limit: AT_ONCE }, options);
  return { items: await withStates(source, merged(items), options), last, reset };
}

/** Adds how the runs are now. */
async function withStates(source: Source, items: LiveEvent[], options: Options): Promise<LiveEvent[]> {
  const ids = items.flatMap(item => (item.run_id === null ? [] : [`'${item.run_id}'`]));
  if (ids.length === 0) return items;
  const query = { filter: `run_id IN (${ids.join(', ')})`, limit: AT_ONCE };
  const found = await source.runFields(FIELDS, query, options);
  const states = new Map(found.items.map(run => [run.run_id, run]));
  return items.map(item => (item.run_id === null ? item : { ...item, ...states.get(item.run_id) }));
}

/** Gives the messages of a WebSocket until it ends, or keeps silent for too long at the beginning. */
async function* messages(
  socket: WebSocket,
  patience: number,
  signal?: AbortSignal
): AsyncGenerator<Message, void, undefined> {
  const waiting: string[] = [];
  const state = { ended: false };
  let wake = (): void => undefined;
  const end = (): void => {
    state.ended = true;
    wake();
  };
  const timer = setTimeout(end, patience);
  socket.onmessage = (event: MessageEvent<string>) => {
    clearTimeout(timer);
    waiting.push(event.data);
    wake();
  };
  socket.onclose = end;
  socket.onerror = end;
  signal?.addEventListener('abort', end);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const text = waiting.shift();
      if (text !== undefined) {
        yield read(text);
      } else if (state.ended) {
        return;
      } else {
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    socket.close();
  }
}

function read(text: string): Message {
  try {
    const message = JSON.parse(text) as Message;
    return message.type === 'events' ? (decoded(message, { of: 'EventsMessage' }) as Message) : message;
  } catch (cause) {
    throw unreadable(200, cause);
  }
}
