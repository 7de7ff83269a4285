/** The marks beside cells that made a run: a click shows it, and a cell that was edited since says so. */
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { el, say } from '../widgets/dom.js';
import { isEdited, Marks, type Mark } from './cell_marks.js';
import { COMMANDS, IMaestro } from './token.js';
import { statusOf } from '../widgets/statuses.js';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const SETTLED = 500;

type Cells = NotebookPanel['content']['widgets'];
type Cell = Cells[number];

/** The marks of one notebook. */
class Marked {
  private marks: ReadonlyMap<string, Mark> = new Map();
  private readonly followed = new WeakSet<Cell>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly maestro: IMaestro,
    private readonly known: Marks,
    private readonly panel: NotebookPanel,
    private readonly onOpen: (run: string) => void
  ) {
    const ends = [
      maestro.live.told.on(({ items, reset }) => {
        const isOther = ({ kinds }: { kinds: string[] }): boolean => kinds.some(kind => kind !== 'metrics');
        if (reset || items.some(isOther)) this.later();
      }),
      maestro.preferences.changed.on(this.draw)
    ];
    panel.content.modelContentChanged.connect(this.draw);
    panel.disposed.connect(() => {
      clearTimeout(this.timer);
      for (const end of ends) end();
    });
    void panel.context.ready.then(this.later);
  }

  private readonly later = (): void => {
    this.timer ??= setTimeout(() => void this.refresh(), SETTLED);
  };

  private async refresh(): Promise<void> {
    this.timer = undefined;
    this.marks = await this.known.of(this.maestro.patternOf(this.panel));
    this.draw();
  }

  private readonly draw = (): void => {
    if (this.panel.isDisposed) return;
    for (const cell of this.panel.content.widgets) this.drawOne(cell);
  };

  private drawOne(cell: Cell): void {
    const mark = this.maestro.preferences.marks ? this.marks.get(cell.model.id) : undefined;
    const shown = cell.node.querySelector<HTMLButtonElement>(':scope > .maestro-mark');
    if (mark === undefined) {
      shown?.remove();
      return;
    }
    if (!this.followed.has(cell)) {
      this.followed.add(cell);
      cell.model.contentChanged.connect(() => {
        this.drawOne(cell);
      });
    }
    const button = shown ?? el('button', { type: 'button', class: 'maestro-mark' });
    this.fill(button, mark, isEdited(mark.source, cell.model.sharedModel.getSource()));
    if (shown === null) cell.node.append(button);
  }

  private fill(button: HTMLButtonElement, { run, name, status, more }: Mark, edited: boolean): void {
    const { words } = this.maestro;
    const { icon, word } = statusOf(status, words);
    const said = [
      words.__('Run %1: %2.', name, word),
      ...(more > 0 ? [words._n('%1 run before it.', '%1 runs before it.', more)] : []),
      ...(edited ? [words.__('The cell was edited since.')] : [])
    ].join(' ');
    say(button, edited ? '✎' : icon);
    button.dataset['run'] = run;
    button.dataset['edited'] = String(edited);
    button.title = said;
    button.setAttribute('aria-label', said);
    button.onclick = () => {
      this.onOpen(run);
    };
  }
}

export const marks: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:marks',
  description: 'Marks the cells that made a run, and those that were edited since.',
  autoStart: true,
  requires: [IMaestro, INotebookTracker],
  activate: (app, maestro: IMaestro, tracker: INotebookTracker) => {
    const known = new Marks(maestro.client);
    const onOpen = (run: string): void => void app.commands.execute(COMMANDS.openRun, { run });
    tracker.widgetAdded.connect((_, panel) => {
      new Marked(maestro, known, panel, onOpen);
    });
  }
};
