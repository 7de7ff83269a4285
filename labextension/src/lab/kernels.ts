/** The notebooks' kernels: how each is recorded, asked when something was run, and switched on and off. */
import { MaestroError } from '../api/index.js';
import { sleep } from '../api/waiting.js';
import {
  CODE_OFF,
  CODE_ON,
  recordingOf,
  STATE_EXPRESSION,
  stateIn,
  type KernelState,
  type Recording
} from './kernel_state.js';
import { Signal } from './signals.js';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';

/** After how many milliseconds a kernel is asked again that had thrown away what waited after an error. */
const AGAIN = 300;
const GONE = ['restarting', 'autorestarting', 'terminating', 'dead', 'unknown'];

export class Kernels {
  /** A notebook's recording has changed. */
  readonly changed = new Signal<NotebookPanel>();
  private readonly states = new WeakMap<NotebookPanel, KernelState>();
  private readonly hasRun = new WeakSet<NotebookPanel>();

  /** Follows a notebook's kernel for as long as the notebook is open. */
  follow(panel: NotebookPanel): void {
    const context = panel.sessionContext;
    // What is run silently, as these questions are, sends no input back.
    context.iopubMessage.connect((_, { header }) => {
      if (header.msg_type === 'execute_input') this.hasRun.add(panel);
    });
    context.statusChanged.connect((_, status) => {
      if (GONE.includes(status)) {
        this.hasRun.add(panel);
        this.forget(panel);
      } else if (status === 'idle' && this.hasRun.delete(panel)) void this.ask(panel);
    });
    context.kernelChanged.connect(() => {
      this.forget(panel);
      void this.ask(panel);
    });
    void context.ready.then(() => this.ask(panel));
  }

  /** Gives what the kernel said last; undefined where Maestro is not loaded. */
  stateOf(panel: NotebookPanel): KernelState | undefined {
    return this.states.get(panel);
  }

  recordingOf(panel: NotebookPanel): Recording {
    const kernel = panel.sessionContext.session?.kernel;
    return recordingOf(kernel != null, this.stateOf(panel));
  }

  /** Records from here on, or no more; throws what the kernel says against it. */
  async toggle(panel: NotebookPanel): Promise<void> {
    const kernel = panel.sessionContext.session?.kernel;
    if (kernel == null) return;
    const { content } = await this.execute(
      kernel,
      this.stateOf(panel)?.recording === true ? CODE_OFF : CODE_ON
    );
    if (content.status === 'error') throw new MaestroError(content.evalue, 'invalid');
    await this.ask(panel);
  }

  /** Asks a kernel how it is recorded. */
  private async ask(panel: NotebookPanel): Promise<void> {
    const kernel = panel.sessionContext.session?.kernel;
    if (kernel == null) return;
    try {
      if ((await kernel.info).language_info.name !== 'python') return;
      let reply = await this.execute(kernel, '');
      while ((reply.content.status === 'abort' || reply.content.status === 'aborted') && !panel.isDisposed) {
        await sleep(AGAIN);
        reply = await this.execute(kernel, '');
      }
      const state = stateIn(reply.content);
      if (state === undefined) this.states.delete(panel);
      else this.states.set(panel, state);
    } catch {
      // The kernel was shut down or begun anew meanwhile.
      this.states.delete(panel);
    }
    if (!panel.isDisposed) this.changed.tell(panel);
  }

  private async execute(
    kernel: Kernel.IKernelConnection,
    code: string
  ): Promise<KernelMessage.IExecuteReplyMsg> {
    const question = {
      code,
      silent: true,
      store_history: false,
      allow_stdin: false,
      stop_on_error: false,
      user_expressions: { maestro: STATE_EXPRESSION }
    };
    return kernel.requestExecute(question).done;
  }

  private forget(panel: NotebookPanel): void {
    this.states.delete(panel);
    this.changed.tell(panel);
  }
}
