/** Runs side by side, in tabs: what they have, parallel coordinates, any two columns, curves, and what changed. */
import { MaestroError } from '../api/errors.js';
import { ChangesView, type Pair } from './changes_view.js';
import { type Compared } from './compared.js';
import { type ComparisonSource, MOST_CURVES } from './comparison_source.js';
import { ComparisonTable } from './comparison_table.js';
import { CurvesView } from './curves_view.js';
import { el, say } from './dom.js';
import { Superseded } from './exchange.js';
import { ParallelView, type ParallelState } from './parallel_view.js';
import { ScatterView, type ScatterState } from './scatter_view.js';
import { Tabs } from './tabs.js';
import { type Words } from './words.js';

export type ComparisonTab = 'table' | 'parallel' | 'scatter' | 'curves' | 'changes';

/** How the view is left, to be found so again. */
export interface ComparisonState {
  tab?: ComparisonTab;
  isAll?: boolean;
  parallel?: ParallelState;
  scatter?: ScatterState;
  pair?: Pair;
  curves?: object;
}

/** What the view works with: a notebook's output and JupyterLab's main area both give it. */
export interface ComparisonHost {
  /** The element that it fills. */
  root: HTMLElement;
  source: ComparisonSource;
  words: Words;
  /** What is seen first, unless the state says otherwise. */
  tab: ComparisonTab;
  state: ComparisonState;
  keep: (state: ComparisonState) => void;
  /** Is aborted when it is taken out. */
  signal: AbortSignal;
}

export class ComparisonView {
  private compared: Compared = { runs: [], directions: {} };
  private isKnown = false;
  private shown: ComparisonTab;
  private state: ComparisonState;
  private curves: CurvesView | undefined;

  private readonly table: ComparisonTable;
  private readonly parallel: ParallelView;
  private readonly scatter: ScatterView;
  private readonly changes: ChangesView;
  private readonly panels: Readonly<Record<ComparisonTab, HTMLElement>>;
  private readonly tabs: Tabs<ComparisonTab>;
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly waiting = el('div', { class: 'maestro-quiet', role: 'status' });

  constructor(private readonly host: ComparisonHost) {
    const { words, state, signal, source } = host;
    this.state = state;
    this.shown = state.tab ?? host.tab;
    this.table = new ComparisonTable(words, state.isAll ?? false, isAll => {
      this.keep({ isAll });
    });
    this.parallel = new ParallelView(words, state.parallel ?? {}, parallel => {
      this.keep({ parallel });
    });
    this.scatter = new ScatterView(words, state.scatter ?? {}, scatter => {
      this.keep({ scatter });
    });
    this.changes = new ChangesView(words, state.pair ?? {}, source, pair => {
      this.keep({ pair });
      this.act(async () => this.changes.refresh());
    });
    this.panels = {
      table: el('div', {}, this.table.element),
      parallel: el('div', {}, this.parallel.element),
      scatter: el('div', {}, this.scatter.element),
      curves: el('div', {}),
      changes: el('div', {}, this.changes.element)
    };
    const labels: Readonly<Record<ComparisonTab, string>> = {
      table: words.__('Table'),
      parallel: words.__('Parallel coordinates'),
      scatter: words.__('Scatter'),
      curves: words.__('Curves'),
      changes: words.__('Changes')
    };
    const names: ComparisonTab[] = ['table', 'parallel', 'scatter', 'curves', 'changes'];
    const tabs = names.map(name => ({ name, label: labels[name], panel: this.panels[name] }));
    this.tabs = new Tabs(tabs, words.__('Views of the comparison'), this.onShow);
    host.root.classList.add('maestro-comparison');
    host.root.append(this.tabs.element, this.wrong, ...Object.values(this.panels), this.waiting);
    this.tabs.show(this.shown);
    const sizes = new ResizeObserver(() => {
      this.draw();
    });
    sizes.observe(host.root);
    signal.addEventListener('abort', () => {
      sizes.disconnect();
    });
  }

  /** Says whether answers take long. */
  readonly tellLate = (late: boolean): void => {
    say(this.waiting, late ? this.host.words.__('Waiting for the kernel…') : '');
  };

  readonly isRunning = (): boolean => this.compared.runs.some(({ status }) => status === 'RUNNING');

  /** Tells whether one of the runs is compared; before it is known which are, all are. */
  shows(isOne: (run: string) => boolean): boolean {
    return !this.isKnown || this.compared.runs.some(({ id }) => isOne(id));
  }

  /** Asks for the runs anew, and for what else is seen of them. */
  readonly refresh = async (): Promise<void> => {
    try {
      const compared = await this.host.source.compared();
      const isSame = JSON.stringify(compared) === JSON.stringify(this.compared);
      this.compared = compared;
      this.isKnown = true;
      say(this.wrong, '');
      if (!isSame || this.isRunning()) {
        this.table.set(compared);
        this.parallel.set(compared);
        this.scatter.set(compared);
        this.changes.set(compared);
      }
      await this.refreshShown();
    } catch (error) {
      this.fail(error);
    }
  };

  readonly fail = (error: unknown): void => {
    if (error instanceof Superseded || this.host.signal.aborted) return;
    if (!(error instanceof MaestroError)) throw error;
    say(this.wrong, `${error.message} ${error.hint}`.trim());
  };

  private readonly onShow = (tab: ComparisonTab): void => {
    if (tab !== this.shown) this.keep({ tab });
    this.shown = tab;
    this.draw();
    if (this.isKnown) this.act(async () => this.refreshShown());
  };

  /** Asks for what is seen and is no part of the runs themselves. */
  private async refreshShown(): Promise<void> {
    if (this.shown === 'changes') await this.changes.refresh();
    if (this.shown === 'curves') await this.curvesView().refresh();
  }

  private draw(): void {
    if (this.shown === 'parallel') this.parallel.draw();
    if (this.shown === 'scatter') this.scatter.draw();
  }

  /** The chart of curves, made when it is first seen. */
  private curvesView(): CurvesView {
    if (this.curves !== undefined) return this.curves;
    const root = el('div');
    const { words, source, signal } = this.host;
    const more = this.compared.runs.length - MOST_CURVES;
    if (more > 0) {
      const said = words._n('%2 more is not drawn.', '%2 more are not drawn.', more, more.toLocaleString());
      this.panels.curves.append(
        el(
          'p',
          { class: 'maestro-quiet' },
          `${words.__('The curves of the first %1 runs.', MOST_CURVES)} ${said}`
        )
      );
    }
    this.panels.curves.append(root);
    this.curves = new CurvesView({
      root,
      words,
      source,
      signal,
      metric: '',
      state: this.state.curves ?? {},
      keep: curves => {
        this.keep({ curves });
      }
    });
    return this.curves;
  }

  private keep(part: ComparisonState): void {
    this.state = { ...this.state, ...part };
    this.host.keep(this.state);
  }

  private act(does: () => Promise<void>): void {
    does().catch((error: unknown) => {
      this.fail(error);
    });
  }
}
