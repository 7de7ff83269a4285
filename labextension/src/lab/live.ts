/** The server's live events: one stream that all plugins listen to, and what keeps them away. */
import { MaestroError, type MaestroClient, type State, type Told } from '../api/index.js';
import { sleep } from '../api/waiting.js';
import { Signal } from './signals.js';

/** After how many milliseconds a server that refused is asked again. */
const REFUSED = 20_000;

export class Live {
  /** What has happened. */
  readonly told = new Signal<Told>();
  /** The problem has changed. */
  readonly changed = new Signal<undefined>();
  /** What keeps events away; undefined while they come. */
  problem: MaestroError | undefined;

  constructor(
    private readonly client: Pick<MaestroClient, 'follow'>,
    private readonly pause = REFUSED
  ) {}

  /** Listens until the signal; what a server refuses is asked for again later, for it may be mended. */
  async listen(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        for await (const told of this.client.follow({ signal, onState: this.#state })) this.told.tell(told);
      } catch (error) {
        if (!(error instanceof MaestroError)) throw error;
        this.#set(error);
        await sleep(this.pause, signal);
      }
    }
  }

  readonly #state = (state: State): void => {
    this.#set(
      state === 'waiting'
        ? new MaestroError('The Jupyter server does not answer.', 'unavailable', 'It is asked again.')
        : undefined
    );
  };

  #set(problem: MaestroError | undefined): void {
    if (this.problem?.message === problem?.message) return;
    this.problem = problem;
    this.changed.tell(undefined);
  }
}
