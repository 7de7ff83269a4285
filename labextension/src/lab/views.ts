/** What opens in the main area: run cards and comparisons; where there is only one place, beside the notebook. */
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import {
  Clipboard,
  ICommandPalette,
  MainAreaWidget,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import { MaestroError, type Told } from '../api/index.js';
import { ComparisonView } from '../widgets/comparison_view.js';
import { type Compared } from '../widgets/compared.js';
import { el, say } from '../widgets/dom.js';
import { OPEN } from '../widgets/opening.js';
import { archive } from './archiving.js';
import { icon } from './icon.js';
import { openNotebook } from './notebooks.js';
import { cardContent, cardOf, runBefore, runLink, type CardActions } from './run_card.js';
import { serverComparison } from './server_comparison.js';
import { COMMANDS, IMaestro } from './token.js';
import { sentenceOf } from './words.js';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

const SETTLED = 400;

/** A page of the main area, which is shown anew when what it is about has changed. */
export abstract class Page extends Widget {
  protected readonly ending = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(protected readonly maestro: IMaestro) {
    super();
    this.addClass('maestro-widget');
    this.addClass('maestro-view-page');
    this.node.tabIndex = -1;
    const end = maestro.live.told.on(told => {
      if (this.concerns(told)) this.timer ??= setTimeout(() => void this.refresh(), SETTLED);
    });
    this.ending.signal.addEventListener('abort', end);
  }

  /** Asks, and shows what is answered. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.load();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    clearTimeout(this.timer);
    this.ending.abort();
    super.dispose();
  }

  protected abstract load(): Promise<void>;

  protected abstract concerns(told: Told): boolean;

  protected override onActivateRequest(): void {
    this.node.focus();
  }
}

/** A page whose content is made anew each time. */
export abstract class View extends Page {
  private readonly wrong = el('p', { class: 'maestro-wrong', role: 'alert' });
  private readonly page = el('div', { class: 'maestro-page' });

  constructor(maestro: IMaestro) {
    super(maestro);
    this.node.append(this.wrong, this.page);
  }

  protected async load(): Promise<void> {
    try {
      const parts = await this.content(this.ending.signal);
      const isShut = this.page.querySelector('details:not([open])') !== null;
      this.page.replaceChildren(...parts);
      if (isShut) this.page.querySelector('details')?.removeAttribute('open');
      say(this.wrong, '');
    } catch (error) {
      if (this.ending.signal.aborted) return;
      if (!(error instanceof MaestroError)) throw error;
      say(this.wrong, sentenceOf(error));
    }
  }

  protected abstract content(signal: AbortSignal): Promise<HTMLElement[]>;
}

class RunView extends View {
  constructor(
    maestro: IMaestro,
    readonly run: string,
    private readonly actions: CardActions
  ) {
    super(maestro);
    this.title.label = run.slice(0, 8);
    this.title.icon = icon;
  }

  protected async content(signal: AbortSignal): Promise<HTMLElement[]> {
    const content = await cardContent(this.maestro.client, this.run, signal);
    this.title.label = content.detail.run.name;
    this.title.caption = this.run;
    return cardOf(content, this.actions, this.maestro.words);
  }

  protected concerns({ items, reset }: Told): boolean {
    return reset || items.some(({ run_id }) => run_id === this.run);
  }
}

class ComparisonPage extends Page {
  private readonly links = el('div', { class: 'maestro-bar' });
  private readonly view: ComparisonView;

  constructor(
    maestro: IMaestro,
    readonly runs: readonly string[],
    private readonly actions: CardActions
  ) {
    super(maestro);
    const { client, words } = maestro;
    const { signal } = this.ending;
    this.title.label = words.__('Comparison');
    this.title.icon = icon;
    const root = el('div');
    this.node.append(el('h2', {}, words.__('Comparison')), this.links, root);
    const source = serverComparison(client, runs, signal);
    this.view = new ComparisonView({
      root,
      source: {
        ...source,
        compared: async () => {
          const compared = await source.compared();
          this.head(compared);
          return compared;
        }
      },
      words,
      tab: runs.length === 2 ? 'changes' : 'table',
      state: {},
      keep: () => undefined,
      signal
    });
  }

  protected async load(): Promise<void> {
    await this.view.refresh();
  }

  protected concerns({ items, reset }: Told): boolean {
    return reset || items.some(({ run_id }) => run_id !== null && this.runs.includes(run_id));
  }

  private head({ runs }: Compared): void {
    const { words } = this.maestro;
    const [first, ...others] = runs.map(({ name }) => name);
    this.title.label =
      others.length === 1
        ? `${first ?? ''} → ${others[0] ?? ''}`
        : words._n('%2 and %1 other', '%2 and %1 others', others.length, first);
    this.links.replaceChildren(
      ...runs.map(({ id, name, status }) => runLink({ run_id: id, name, status }, this.actions, words))
    );
  }
}

/** Gives what opens a page, or shows the one that is open. */
export function opener<Kind extends Page>(
  app: JupyterFrontEnd,
  tracker: WidgetTracker<MainAreaWidget<Kind>>,
  hasManyPlaces: boolean
): (id: string, make: () => Kind) => void {
  return (id, make) => {
    const open = tracker.find(widget => widget.id === id);
    if (open === undefined) {
      const content = make();
      const widget = new MainAreaWidget({ content });
      widget.id = id;
      widget.title.closable = true;
      widget.toolbar.hide();
      void content.refresh();
      app.shell.add(widget, hasManyPlaces ? 'main' : 'right');
      void tracker.add(widget);
    }
    app.shell.activateById(id);
  };
}

export const views: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:views',
  description: 'Opens runs and comparisons.',
  autoStart: true,
  requires: [IMaestro, INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app,
    maestro: IMaestro,
    tracker: INotebookTracker,
    shell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const { words } = maestro;
    const { commands } = app;
    const actions: CardActions = {
      onRun: run => void commands.execute(COMMANDS.openRun, { run }),
      onCompare: runs => void commands.execute(COMMANDS.compareRuns, { runs: [...runs] }),
      onNotebook: path => void openNotebook(app, tracker, maestro, path)
    };
    const runs = new WidgetTracker<MainAreaWidget<RunView>>({ namespace: 'maestro-run' });
    const comparisons = new WidgetTracker<MainAreaWidget<ComparisonPage>>({
      namespace: 'maestro-comparison'
    });
    document.addEventListener(OPEN, event => {
      event.preventDefault();
      void openNotebook(app, tracker, maestro, (event as CustomEvent<{ path: string }>).detail.path);
    });
    const openRun = opener(app, runs, shell !== null);
    const openComparison = opener(app, comparisons, shell !== null);
    const text = { type: 'string' };
    /** The run that is named, or the one under the pointer of a context menu. */
    const runIn = (args: Readonly<Record<string, unknown>>): string | undefined =>
      typeof args['run'] === 'string'
        ? args['run']
        : app.contextMenuHitTest(node => node.dataset['run'] !== undefined)?.dataset['run'];

    commands.addCommand(COMMANDS.openRun, {
      label: words.__('Open Run'),
      describedBy: { args: { type: 'object', properties: { run: text } } },
      execute: args => {
        const run = runIn(args);
        if (run !== undefined) openRun(`maestro-run-${run}`, () => new RunView(maestro, run, actions));
      }
    });
    commands.addCommand(COMMANDS.copyRun, {
      label: words.__('Copy Run Id'),
      describedBy: { args: { type: 'object', properties: { run: text } } },
      execute: args => {
        const run = runIn(args);
        if (run !== undefined) Clipboard.copyToSystem(run);
      }
    });
    commands.addCommand(COMMANDS.archiveRun, {
      label: words.__('Archive Run'),
      describedBy: { args: { type: 'object', properties: { run: text } } },
      execute: async args => {
        const run = runIn(args);
        if (run !== undefined) await archive(maestro, [run], true);
      }
    });
    commands.addCommand(COMMANDS.compareRuns, {
      label: words.__('Compare with the Run Before'),
      describedBy: {
        args: { type: 'object', properties: { run: text, runs: { type: 'array', items: text } } }
      },
      execute: async args => {
        const given = Array.isArray(args['runs']) ? args['runs'].filter(run => typeof run === 'string') : [];
        const compared = given.length > 1 ? given : await withBefore(maestro, runIn(args));
        if (compared.length < 2) return;
        const id = `maestro-comparison-${compared.join('-')}`;
        openComparison(id, () => new ComparisonPage(maestro, compared, actions));
      }
    });
    if (restorer !== null) {
      void restorer.restore(runs, {
        command: COMMANDS.openRun,
        args: ({ content }) => ({ run: content.run }),
        name: ({ content }) => content.run
      });
      void restorer.restore(comparisons, {
        command: COMMANDS.compareRuns,
        args: ({ content }) => ({ runs: [...content.runs] }),
        name: ({ content }) => content.runs.join('-')
      });
    }
    for (const command of [COMMANDS.showPanel, COMMANDS.searchLibrary, COMMANDS.toggleRecording]) {
      palette?.addItem({ command, category: words.__('Maestro') });
    }
  }
};

/** Gives the run before one in its project, and the run. */
async function withBefore({ client, words }: IMaestro, run: string | undefined): Promise<string[]> {
  if (run === undefined) return [];
  try {
    const before = await runBefore(client, await client.runItself(run));
    if (before !== undefined) return [before.run_id, run];
    Notification.info(words.__('It is the first run of its project.'), { autoClose: 5000 });
  } catch (error) {
    if (!(error instanceof MaestroError)) throw error;
    Notification.error(sentenceOf(error), { autoClose: 8000 });
  }
  return [];
}
