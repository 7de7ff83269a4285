/** Recording on and off: the toolbar's switch, the status bar's item, and the command. */
import { IToolbarWidgetRegistry, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';
import { MaestroError } from '../api/index.js';
import { el, say } from '../widgets/dom.js';
import { COMMANDS, IMaestro } from './token.js';
import { sentenceOf, type Words } from './words.js';
import type { KernelState, Recording } from './kernel_state.js';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

/** Gives a sign and a word for how a notebook is recorded. */
function shownOf(recording: Recording, words: Words): string {
  switch (recording) {
    case 'recording':
      return `● ${words.__('Recording')}`;
    case 'paused':
      return `○ ${words.__('Paused')}`;
    case 'disabled':
      return `⊘ ${words.__('Disabled')}`;
    case 'problems':
      return `⚠ ${words.__('Problems')}`;
    case 'not loaded':
    case 'no kernel':
      return `○ ${words.__('Not recording')}`;
  }
}

/** Gives the whole of what is known, for who looks closer. */
function detailsOf(recording: Recording, state: KernelState | undefined, words: Words): string {
  if (recording === 'no kernel') return words.__('The notebook has no kernel.');
  if (state === undefined)
    return words.__(
      'Maestro is not loaded in this kernel. Switch it on here, or run %load_ext maestro_jupyter.'
    );
  if (recording === 'disabled')
    return words.__('The mode is disabled. Set MAESTRO_MODE=on, and restart the kernel.');
  return [
    words.__('Project %1.', state.project),
    words._n('%1 point recorded.', '%1 points recorded.', state.points),
    ...(state.waiting > 0 ? [words.__('%1 journal lines wait for the disk.', state.waiting)] : []),
    ...(state.dropped > 0 ? [words.__('%1 journal lines were lost.', state.dropped)] : []),
    ...(state.problems > 0 ? [words.__('%1 problems, the latest: %2', state.problems, state.latest)] : [])
  ].join('\n');
}

class Toggle extends Widget {
  private readonly button: HTMLButtonElement;
  private readonly end: () => void;

  constructor(
    private readonly maestro: IMaestro,
    private readonly panel: NotebookPanel
  ) {
    super();
    this.addClass('maestro-toggle');
    this.button = el('button', { type: 'button', role: 'switch', onclick: this.onClick });
    this.node.append(this.button);
    this.end = maestro.kernels.changed.on(changed => {
      if (changed === panel) this.draw();
    });
    this.draw();
  }

  override dispose(): void {
    this.end();
    super.dispose();
  }

  private draw(): void {
    const { kernels, words } = this.maestro;
    const recording = kernels.recordingOf(this.panel);
    const state = kernels.stateOf(this.panel);
    say(this.button, shownOf(recording, words));
    this.button.dataset['recording'] = recording;
    this.button.setAttribute('aria-checked', String(state?.recording === true && recording !== 'disabled'));
    this.button.title = `${words.__('Maestro: record what runs here')}\n${detailsOf(recording, state, words)}`;
  }

  private readonly onClick = (): void => {
    void toggle(this.maestro, this.panel);
  };
}

async function toggle({ kernels }: IMaestro, panel: NotebookPanel): Promise<void> {
  try {
    await kernels.toggle(panel);
  } catch (error) {
    // A kernel that was begun anew answers nothing any more.
    if (error instanceof MaestroError) Notification.error(sentenceOf(error), { autoClose: 8000 });
  }
}

class StatusItem extends Widget {
  private readonly button: HTMLButtonElement;

  constructor(
    private readonly maestro: IMaestro,
    private readonly tracker: INotebookTracker,
    onClick: () => void
  ) {
    super();
    this.addClass('maestro-status');
    this.button = el('button', { type: 'button', onclick: onClick });
    this.node.append(this.button);
    maestro.currentChanged.on(this.draw);
    maestro.live.changed.on(this.draw);
    this.draw();
  }

  private readonly draw = (): void => {
    const { kernels, live, words } = this.maestro;
    const panel = this.tracker.currentWidget;
    if (live.problem !== undefined) {
      say(this.button, `⚠ ${words.__('Maestro: not connected')}`);
      this.button.title = sentenceOf(live.problem);
      return;
    }
    if (panel === null) {
      say(this.button, words.__('Maestro'));
      this.button.title = words.__('Show the runs');
      return;
    }
    const recording = kernels.recordingOf(panel);
    const state = kernels.stateOf(panel);
    const pending =
      state === undefined || state.waiting === 0 ? '' : ` · ${words.__('%1 pending', state.waiting)}`;
    say(this.button, `Maestro: ${shownOf(recording, words)}${pending}`);
    this.button.title = detailsOf(recording, state, words);
  };
}

export const recording: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:recording',
  description: "Switches a notebook's recording on and off in its toolbar.",
  autoStart: true,
  requires: [IMaestro, INotebookTracker],
  optional: [IToolbarWidgetRegistry],
  activate: (app, maestro: IMaestro, tracker: INotebookTracker, toolbar: IToolbarWidgetRegistry | null) => {
    toolbar?.addFactory<NotebookPanel>('Notebook', 'maestro-recording', panel => new Toggle(maestro, panel));
    app.commands.addCommand(COMMANDS.toggleRecording, {
      label: maestro.words.__('Record This Notebook'),
      caption: maestro.words.__('Switch the recording of the current notebook on or off'),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => tracker.currentWidget !== null,
      isToggled: () =>
        tracker.currentWidget !== null && maestro.kernels.stateOf(tracker.currentWidget)?.recording === true,
      execute: async () => {
        if (tracker.currentWidget !== null) await toggle(maestro, tracker.currentWidget);
      }
    });
    maestro.currentChanged.on(() => {
      app.commands.notifyCommandChanged(COMMANDS.toggleRecording);
    });
  }
};

export const status: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:status',
  description: 'Says in the status bar whether the current notebook is recorded.',
  autoStart: true,
  requires: [IMaestro, INotebookTracker],
  optional: [IStatusBar],
  activate: (app, maestro: IMaestro, tracker: INotebookTracker, bar: IStatusBar | null) => {
    const item = new StatusItem(maestro, tracker, () => void app.commands.execute(COMMANDS.showPanel));
    bar?.registerStatusItem('maestro-jupyter:status', { item, align: 'left', rank: 50 });
  }
};
