/** The side panel: the runs, the library and suggestions beside them. */
import { Drag } from '@lumino/dragdrop';
import { MimeData } from '@lumino/coreutils';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { Widget } from '@lumino/widgets';
import { el, say } from '../widgets/dom.js';
import { archive } from './archiving.js';
import { useCode } from './artifacts.js';
import { icon } from './icon.js';
import { insertBelow } from './insert.js';
import { LibrarySection } from './library_section.js';
import { RunsSection, type SectionState } from './runs_section.js';
import { SuggestionsSection, type AtHand } from './suggestions_section.js';
import { COMMANDS, IMaestro } from './token.js';
import { sentenceOf } from './words.js';
import type { ArtifactVersion } from '../api/index.js';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

const STATE = 'maestro-jupyter:panel';
const CELLS = 'application/vnd.jupyter.cells';

const TABS = ['runs', 'library', 'suggestions'] as const;

type Tab = (typeof TABS)[number];

interface State extends SectionState {
  tab: Tab;
}

const FIRST: State = { tab: 'runs', scope: 'notebook', filter: '' };

class Panel extends Widget {
  readonly runs: RunsSection;
  readonly suggestions: SuggestionsSection;
  private readonly library: LibrarySection;
  private readonly problem = el('div', { class: 'maestro-problem', role: 'alert', hidden: true });
  private readonly tabs: Record<Tab, HTMLButtonElement>;
  private readonly endings: (() => void)[];
  private state = FIRST;

  constructor(
    private readonly maestro: IMaestro,
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    private readonly keep: (state: State) => void
  ) {
    super();
    const { words, client, live } = maestro;
    this.id = 'maestro-jupyter-panel';
    this.title.icon = icon;
    this.title.caption = words.__('Maestro: experiments');
    this.addClass('maestro-widget');
    this.addClass('maestro-side');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', words.__('Maestro'));
    this.runs = new RunsSection(
      {
        words,
        client,
        notebook: maestro.notebook,
        project: maestro.project,
        metric: () => maestro.preferences.metric,
        onOpen: run => void app.commands.execute(COMMANDS.openRun, { run }),
        onCompare: runs => void app.commands.execute(COMMANDS.compareRuns, { runs: [...runs] }),
        onArchive: (runs, archived) => void archive(maestro, runs, archived),
        onState: state => {
          this.save(state);
        }
      },
      FIRST
    );
    this.library = new LibrarySection({
      words,
      client,
      onInsert: artifact => {
        insertBelow(tracker, useCode(artifact), words);
      },
      onDrag: drag
    });
    this.suggestions = new SuggestionsSection({
      words,
      client,
      atHand: () => atHand(tracker, maestro),
      onInsertArtifact: artifact => {
        insertBelow(tracker, useCode(artifact), words);
      },
      onInsertCode: source => {
        insertBelow(tracker, source, words);
      },
      onOpen: run => void app.commands.execute(COMMANDS.openRun, { run })
    });
    this.tabs = {
      runs: this.tab('runs', words.__('Runs'), this.runs.element),
      library: this.tab('library', words.__('Library'), this.library.element),
      suggestions: this.tab('suggestions', words.__('Suggestions'), this.suggestions.element)
    };
    const bar = el('div', { class: 'maestro-tabs', role: 'tablist' }, ...Object.values(this.tabs));
    bar.addEventListener('keydown', this.onTabKey);
    const sections = [this.runs.element, this.library.element, this.suggestions.element];
    this.node.append(bar, this.problem, ...sections);
    this.endings = [
      live.told.on(told => {
        this.runs.told(told);
        const isEnd = told.items.some(({ kinds }) => kinds.includes('started') || kinds.includes('ended'));
        if (told.reset || isEnd) this.suggestions.ran();
      }),
      live.changed.on(this.showProblem),
      maestro.currentChanged.on(() => {
        this.runs.update();
        this.suggestions.changed();
      }),
      maestro.preferences.changed.on(() => {
        this.runs.rows.draw();
      })
    ];
    this.showProblem();
    this.showTab(FIRST.tab);
    this.runs.update();
  }

  /** Shows what was shown when the page was left. */
  restore(state: Partial<State>): void {
    this.state = { ...this.state, ...state };
    this.runs.restore(this.state);
    this.showTab(this.state.tab);
  }

  /** Shows one of the three. */
  showTab(tab: Tab): void {
    for (const [name, button] of Object.entries(this.tabs)) {
      button.setAttribute('aria-selected', String(name === tab));
      button.tabIndex = name === tab ? 0 : -1;
    }
    this.runs.element.hidden = tab !== 'runs';
    this.library.element.hidden = tab !== 'library';
    this.suggestions.element.hidden = tab !== 'suggestions';
    if (tab === 'library') void this.library.search();
    if (tab === 'runs') this.runs.rows.draw();
    if (tab === 'suggestions' && this.isVisible) void this.suggestions.show();
    else this.suggestions.hide();
    if (tab !== this.state.tab) this.save({ tab });
  }

  focusOn(tab: Tab): void {
    this.showTab(tab);
    this[tab].focus();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    for (const end of this.endings) end();
    this.runs.close();
    this.library.close();
    this.suggestions.close();
    super.dispose();
  }

  private save(state: Partial<State>): void {
    this.state = { ...this.state, ...state };
    this.keep(this.state);
  }

  private tab(name: Tab, label: string, section: HTMLElement): HTMLButtonElement {
    const id = `maestro-tab-${name}`;
    section.id = `maestro-section-${name}`;
    section.setAttribute('role', 'tabpanel');
    section.setAttribute('aria-labelledby', id);
    const onclick = (): void => {
      this.showTab(name);
    };
    return el('button', { type: 'button', role: 'tab', id, 'aria-controls': section.id, onclick }, label);
  }

  private readonly onTabKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    const place = (TABS.indexOf(this.state.tab) + step + TABS.length) % TABS.length;
    const tab = TABS[place] ?? FIRST.tab;
    this.showTab(tab);
    this.tabs[tab].focus();
  };

  protected override onAfterShow(): void {
    if (this.state.tab === 'suggestions') void this.suggestions.show();
  }

  protected override onAfterHide(): void {
    this.suggestions.hide();
  }

  private readonly showProblem = (): void => {
    const { problem } = this.maestro.live;
    this.problem.hidden = problem === undefined;
    say(this.problem, problem === undefined ? '' : sentenceOf(problem));
    if (problem === undefined) this.runs.refresh();
  };
}

/** Gives what the current notebook's cells and kernel tell; undefined where no notebook is current. */
function atHand(tracker: INotebookTracker, { kernels, notebook }: IMaestro): AtHand | undefined {
  const panel = tracker.currentWidget;
  const pattern = notebook();
  if (panel === null || pattern === undefined) return undefined;
  const state = kernels.stateOf(panel);
  const cells = [...panel.context.model.cells].map(cell => ({
    kind: cell.type as AtHand['cells'][number]['kind'],
    source: cell.sharedModel.getSource()
  }));
  return {
    cells,
    pattern,
    path: state?.notebook ?? '',
    project: state?.project ?? '',
    isLoaded: state !== undefined
  };
}

/** Lets a cell that uses an artifact be dropped into a notebook. */
function drag(artifact: ArtifactVersion, { clientX, clientY }: PointerEvent): void {
  const source = useCode(artifact);
  const mimeData = new MimeData();
  const cell = { cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null };
  mimeData.setData(CELLS, [cell]);
  mimeData.setData('text/plain', source);
  const dragImage = el('div', { class: 'maestro-drag' }, `${artifact.name}:${String(artifact.version)}`);
  const dragged = new Drag({
    mimeData,
    dragImage,
    supportedActions: 'copy-move',
    proposedAction: 'copy'
  });
  void dragged.start(clientX, clientY);
}

export const panel: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:panel',
  description: 'Shows runs, the library and suggestions beside the notebook.',
  autoStart: true,
  requires: [IMaestro, INotebookTracker],
  optional: [ILayoutRestorer, IStateDB, ICommandPalette],
  activate: (
    app,
    maestro: IMaestro,
    tracker: INotebookTracker,
    restorer: ILayoutRestorer | null,
    states: IStateDB | null,
    palette: ICommandPalette | null
  ) => {
    const { words } = maestro;
    const made = new Panel(maestro, app, tracker, state => {
      void states?.save(STATE, { ...state });
    });
    // It is there only when the layout is, which waits for all plugins.
    void states?.fetch(STATE).then(kept => {
      if (kept !== undefined) made.restore(kept as Partial<State>);
    });
    app.shell.add(made, 'left', { rank: 600, type: 'Maestro' });
    restorer?.add(made, 'maestro-jupyter-panel');
    tracker.widgetAdded.connect((_, { context }) => {
      context.model.contentChanged.connect(() => {
        if (tracker.currentWidget?.context === context) made.suggestions.changed();
      });
    });
    const show = (tab: Tab) => (): void => {
      app.shell.activateById(made.id);
      made.focusOn(tab);
    };
    const describedBy = { args: { type: 'object', properties: {} } };
    app.commands.addCommand(COMMANDS.showPanel, {
      label: words.__('Show Runs'),
      caption: words.__('Show the runs beside the notebook'),
      describedBy,
      icon,
      execute: show('runs')
    });
    app.commands.addCommand(COMMANDS.searchLibrary, {
      label: words.__('Search the Library'),
      describedBy,
      execute: show('library')
    });
    app.commands.addCommand(COMMANDS.showSuggestions, {
      label: words.__('Show Suggestions'),
      caption: words.__('Show what of the library fits the notebook, and which models were tried'),
      describedBy,
      execute: show('suggestions')
    });
    app.commands.addCommand(COMMANDS.suggestModels, {
      label: words.__('Insert a Cell That Suggests Models'),
      describedBy,
      execute: () => {
        const code = made.suggestions.modelCode();
        if (code === undefined) show('suggestions')();
        else insertBelow(tracker, code, words);
      }
    });
    for (const command of [COMMANDS.showSuggestions, COMMANDS.suggestModels]) {
      palette?.addItem({ command, category: words.__('Maestro') });
    }
  }
};
