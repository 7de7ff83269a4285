/** The runs in the side panel: of this notebook, of its project or all; filtered, chosen, opened and compared. */
import { el, onEnter, say } from '../widgets/dom.js';
import { Curves } from './curves.js';
import { RunRows } from './run_rows.js';
import { keyMetric, RunsList, type Row, type Scope, type Source } from './runs_list.js';
import { MOST_COMPARED } from '../widgets/comparison_source.js';
import { sentenceOf, type Words } from './words.js';
import type { MaestroClient, Told } from '../api/index.js';

export type ScopeKind = Scope['kind'];

/** How the section is left, to be found so again. */
export interface SectionState {
  scope: ScopeKind;
  filter: string;
}

/** What the section works with. */
export interface SectionHost {
  words: Words;
  client: Source & Pick<MaestroClient, 'history'>;
  /** How the current notebook's path is asked for; undefined where there is none. */
  notebook: () => string | undefined;
  /** The project that its new runs belong to. */
  project: () => string | undefined;
  /** The metric that is wanted in each row. */
  metric: () => string;
  onOpen: (run: string) => void;
  onCompare: (runs: readonly string[]) => void;
  onArchive: (runs: readonly string[], archived: boolean) => void;
  onState: (state: SectionState) => void;
}

const SECOND = 1000;

export class RunsSection {
  readonly element: HTMLElement;
  readonly rows: RunRows;
  private readonly list: RunsList;
  private readonly curves: Curves;
  private readonly scopes: Record<ScopeKind, HTMLButtonElement>;
  private readonly filterBox: HTMLInputElement;
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly count = el('span', { role: 'status', class: 'maestro-quiet' });
  private readonly empty = el('div', { class: 'maestro-empty' });
  private readonly open: HTMLButtonElement;
  private readonly compare: HTMLButtonElement;
  private readonly archive: HTMLButtonElement;
  private readonly ticking: ReturnType<typeof setInterval>;
  private scope: ScopeKind;
  private shown = '';

  constructor(
    private readonly host: SectionHost,
    state: SectionState
  ) {
    const { words } = host;
    this.scope = state.scope;
    this.list = new RunsList(host.client);
    this.curves = new Curves(host.client);
    this.rows = new RunRows({
      words,
      metric: host.metric,
      curve: ({ run_id }, metric) => this.curves.get(run_id, metric),
      onOpen: ({ run_id }) => {
        host.onOpen(run_id);
      },
      onChoose: this.onChoose,
      onEnd: () => {
        if (this.list.hasMore) void this.list.more();
      }
    });
    this.scopes = {
      notebook: this.scopeButton('notebook', words.__('Notebook')),
      project: this.scopeButton('project', words.__('Project')),
      all: this.scopeButton('all', words.__('All'))
    };
    this.filterBox = el('input', {
      type: 'search',
      class: 'maestro-filter',
      placeholder: 'metrics.accuracy > 0.9',
      'aria-label': words.__('Filter of the runs'),
      spellcheck: 'false',
      onsearch: () => {
        if (this.filterBox.value === '') this.refilter();
      }
    });
    this.filterBox.value = state.filter;
    onEnter(this.filterBox, this.refilter);
    this.open = el(
      'button',
      { type: 'button', disabled: true, onclick: this.onOpenChosen },
      words.__('Open')
    );
    this.compare = el(
      'button',
      { type: 'button', disabled: true, onclick: this.onCompareChosen },
      words.__('Compare')
    );
    this.archive = el(
      'button',
      { type: 'button', disabled: true, onclick: this.onArchiveChosen },
      words.__('Archive')
    );
    this.element = el(
      'div',
      { class: 'maestro-section maestro-runs' },
      el(
        'div',
        { class: 'maestro-scopes', role: 'group', 'aria-label': words.__('Whose runs') },
        ...Object.values(this.scopes)
      ),
      el('div', { class: 'maestro-bar' }, this.filterBox),
      this.wrong,
      this.count,
      this.rows.element,
      this.empty,
      el('div', { class: 'maestro-bar maestro-foot' }, this.open, this.compare, this.archive)
    );
    this.list.changed.on(this.draw);
    this.ticking = setInterval(this.tick, SECOND);
  }

  /** Shows the runs of what is current now, where these are other ones. */
  update(): void {
    const scope = this.currentScope();
    for (const [kind, button] of Object.entries(this.scopes)) {
      button.setAttribute('aria-pressed', String(kind === this.scope));
    }
    const asked = JSON.stringify([scope, this.filterBox.value]);
    if (asked === this.shown) return;
    this.shown = asked;
    this.rows.toTop();
    if (scope === undefined) this.drawNothing();
    else void this.list.show(scope, this.filterBox.value);
  }

  /** Shows what was shown when the page was left. */
  restore({ scope, filter }: SectionState): void {
    this.scope = scope;
    this.filterBox.value = filter;
    this.update();
  }

  told(told: Told): void {
    if (this.currentScope() !== undefined) this.list.told(told);
  }

  refresh(): void {
    if (this.currentScope() !== undefined) void this.list.refresh();
  }

  close(): void {
    clearInterval(this.ticking);
    this.list.close();
    this.rows.close();
  }

  focus(): void {
    this.rows.element.focus();
  }

  private currentScope(): Scope | undefined {
    if (this.scope === 'all') return { kind: 'all' };
    if (this.scope === 'project') {
      const name = this.host.project();
      return name === undefined ? undefined : { kind: 'project', name };
    }
    const pattern = this.host.notebook();
    return pattern === undefined ? undefined : { kind: 'notebook', pattern };
  }

  private scopeButton(kind: ScopeKind, label: string): HTMLButtonElement {
    const onclick = (): void => {
      this.scope = kind;
      this.keep();
      this.update();
    };
    return el('button', { type: 'button', 'aria-pressed': 'false', onclick }, label);
  }

  private readonly refilter = (): void => {
    this.keep();
    this.update();
  };

  private keep(): void {
    this.host.onState({ scope: this.scope, filter: this.filterBox.value });
  }

  private readonly draw = (): void => {
    const { words } = this.host;
    const { rows, total, error } = this.list;
    this.rows.set(rows);
    say(this.wrong, error === undefined ? '' : sentenceOf(error));
    this.filterBox.setAttribute('aria-invalid', String(error?.status === 400));
    say(this.count, total === undefined ? '' : words._n('%2 run', '%2 runs', total, total.toLocaleString()));
    this.empty.hidden = rows.length > 0 || total !== 0 || error !== undefined;
    this.rows.element.hidden = !this.empty.hidden;
    say(this.empty, this.filterBox.value === '' ? this.whyEmpty() : words.__('No run matches the filter.'));
    void this.fetchCurves();
  };

  private drawNothing(): void {
    this.rows.set([]);
    this.empty.hidden = false;
    this.rows.element.hidden = true;
    say(this.count, '');
    say(this.wrong, '');
    say(this.empty, this.host.words.__('No notebook is open. All runs are under “All”.'));
  }

  private whyEmpty(): string {
    const { words } = this.host;
    return this.scope === 'notebook'
      ? words.__('This notebook has no runs yet. Record with %load_ext maestro_jupyter, then fit a model.')
      : words.__('There are no runs yet. Record with %load_ext maestro_jupyter, then fit a model.');
  }

  private async fetchCurves(): Promise<void> {
    const wanted = this.rows.seen().flatMap(run => {
      const metric = keyMetric(run.metrics, this.host.metric());
      return metric === undefined ? [] : [{ run, metric }];
    });
    if (await this.curves.fetch(wanted)) this.rows.draw();
  }

  /** Goes on counting the seconds of runs that go on. */
  private readonly tick = (): void => {
    if (document.hidden || !this.element.isConnected) return;
    const isRunning = ({ status }: Row): boolean => status === 'RUNNING';
    if (this.rows.seen().some(isRunning)) this.rows.draw();
    void this.fetchCurves();
  };

  private readonly onChoose = (chosen: readonly string[]): void => {
    this.open.disabled = chosen.length !== 1;
    this.archive.disabled = chosen.length === 0;
    say(
      this.archive,
      this.areArchived(chosen) ? this.host.words.__('Restore') : this.host.words.__('Archive')
    );
    this.compare.disabled = chosen.length < 2 || chosen.length > MOST_COMPARED;
    this.compare.title = this.host.words.__(
      'Choose 2 to %1 runs, all but the first with Ctrl or the space bar',
      MOST_COMPARED
    );
  };

  private areArchived(chosen: readonly string[]): boolean {
    const away = this.list.rows.filter(({ archived }) => archived !== null).map(({ run_id }) => run_id);
    return chosen.length > 0 && chosen.every(run => away.includes(run));
  }

  private readonly onArchiveChosen = (): void => {
    const { chosen } = this.rows;
    const runs = [...chosen];
    this.host.onArchive(runs, !this.areArchived(runs));
    this.rows.choose([]);
    this.focus();
  };

  private readonly onOpenChosen = (): void => {
    const [run] = this.rows.chosen;
    if (run !== undefined) this.host.onOpen(run);
  };

  private readonly onCompareChosen = (): void => {
    // The older first: what is said is what has changed since.
    const places = new Map(this.list.rows.map(({ run_id }, place) => [run_id, place]));
    const placeOf = (run: string): number => places.get(run) ?? 0;
    this.host.onCompare([...this.rows.chosen].sort((a, b) => placeOf(b) - placeOf(a)));
  };
}
