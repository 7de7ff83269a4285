/** The dashboard: how the experiments go, over time. */
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { el } from '../widgets/dom.js';
import { ago, duration, shown } from '../widgets/numbers.js';
import { bestSteps, dayBars } from './charts.js';
import { historyOf, type History } from './history.js';
import { icon } from './icon.js';
import { runLink } from './run_card.js';
import { queryOf, type Row } from './runs_list.js';
import { part, table } from '../widgets/tables.js';
import { COMMANDS, IMaestro } from './token.js';
import { opener, View } from './views.js';
import type { Options, Told } from '../api/index.js';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

/** How many runs it looks at: the newest. */
const MOST = 3000;
const PAGE = 1000;
const FIELDS = ['run_id', 'name', 'project', 'status', 'start_time', 'end_time', 'metrics'];
const SHOWN = 8;

class Dashboard extends View {
  /** The project that is shown; empty for all. */
  private project: string;

  constructor(
    maestro: IMaestro,
    readonly onRun: (run: string) => void
  ) {
    super(maestro);
    this.project = maestro.project() ?? '';
    this.title.label = maestro.words.__('Experiments');
    this.title.icon = icon;
  }

  protected async content(signal: AbortSignal): Promise<HTMLElement[]> {
    const { client, words, preferences } = this.maestro;
    const projects = (await client.projects({ signal })).map(({ name }) => name);
    const rows = await this.newest({ signal });
    const used = (await client.usedArtifacts({ limit: SHOWN }, { signal })).filter(({ runs }) => runs > 0);
    const history = historyOf(rows, Date.now(), preferences.metric);
    const titles = [
      words.__('artifact'),
      words.__('type'),
      words.__('projects'),
      words.__('runs'),
      words.__('last used')
    ];
    return [
      el('div', { class: 'maestro-bar' }, el('h2', {}, words.__('Experiments')), this.chooser(projects)),
      this.numbers(history, rows.length),
      ...(rows.length === 0 ? [] : part(words.__('Runs a day'), dayBars(history.days, words), this.legend())),
      ...this.best(history, rows),
      ...this.failures(rows),
      ...part(
        words.__('Most used artifacts'),
        table(
          titles,
          used.map(each => [
            each.name,
            each.type,
            each.projects,
            each.runs,
            each.last === null ? '' : ago(Date.parse(each.last), Date.now())
          ])
        )
      )
    ];
  }

  protected concerns({ items, reset }: Told): boolean {
    return (
      this.isVisible &&
      (reset || items.some(({ kinds }) => kinds.includes('ended') || kinds.includes('started')))
    );
  }

  protected override onBeforeShow(): void {
    void this.refresh();
  }

  private async newest(options: Options): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | null = null;
    do {
      const scope =
        this.project === '' ? ({ kind: 'all' } as const) : ({ kind: 'project', name: this.project } as const);
      const query = { ...queryOf(scope, ''), limit: PAGE, ...(cursor !== null && { cursor }) };
      const page = await this.maestro.client.runFields(FIELDS, query, options);
      rows.push(...(page.items as Row[]));
      cursor = page.cursor;
    } while (cursor !== null && rows.length < MOST);
    return rows;
  }

  private chooser(projects: readonly string[]): HTMLElement {
    const { words } = this.maestro;
    const select = el(
      'select',
      { 'aria-label': words.__('Project') },
      el('option', { value: '' }, words.__('All projects'))
    );
    select.append(...projects.map(name => el('option', { value: name }, name)));
    select.value = this.project;
    select.addEventListener('change', () => {
      this.project = select.value;
      void this.refresh().then(() => {
        this.node.querySelector('select')?.focus();
      });
    });
    return select;
  }

  private numbers({ well, badly, running, seconds }: History, total: number): HTMLElement {
    const { words } = this.maestro;
    const share = total === 0 ? '' : ` (${shown(Number(((100 * badly) / total).toFixed(1)))} %)`;
    const facts: [string, string][] = [
      [
        words.__('runs'),
        total >= MOST ? words.__('newest %1', total.toLocaleString()) : total.toLocaleString()
      ],
      [words.__('✓ finished'), well.toLocaleString()],
      [words.__('✗ failed or killed'), `${badly.toLocaleString()}${share}`],
      [words.__('● running'), running.toLocaleString()],
      [words.__('time in all'), duration(seconds)]
    ];
    return el(
      'dl',
      { class: 'maestro-numbers' },
      ...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))
    );
  }

  private legend(): HTMLElement {
    const { words } = this.maestro;
    return el('p', { class: 'maestro-quiet' }, words.__('Hatched: failed or killed.'));
  }

  private best({ best, metric, lower }: History, rows: readonly Row[]): HTMLElement[] {
    const { words } = this.maestro;
    const latest = best.at(-1);
    const newest = rows[0];
    if (latest === undefined || newest === undefined || metric === undefined) return [];
    const title = lower
      ? words.__('Best %1 so far (lower is better)', metric)
      : words.__('Best %1 so far', metric);
    const picture = bestSteps(best, Date.parse(newest.start_time), metric, words);
    const link = runLink(
      { run_id: latest.run, name: `${latest.name}: ${shown(latest.value)}`, status: 'FINISHED' },
      this,
      words
    );
    return part(title, picture, link);
  }

  private failures(rows: readonly Row[]): HTMLElement[] {
    const { words } = this.maestro;
    const failed = rows.filter(({ status }) => status === 'FAILED' || status === 'KILLED').slice(0, SHOWN);
    const lines = failed.map(row => [
      runLink(row, this, words),
      row.project,
      ago(Date.parse(row.start_time), Date.now())
    ]);
    return part(
      words.__('Latest failures'),
      table([words.__('run'), words.__('project'), words.__('started')], lines)
    );
  }
}

export const dashboard: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:dashboard',
  description:
    'Shows how the experiments go: runs over time, the best so far, failures, hours, and what is used.',
  autoStart: true,
  requires: [IMaestro],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app,
    maestro: IMaestro,
    shell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const { words } = maestro;
    const tracker = new WidgetTracker<MainAreaWidget<Dashboard>>({ namespace: 'maestro-dashboard' });
    const open = opener(app, tracker, shell !== null);
    const command = COMMANDS.openDashboard;
    app.commands.addCommand(command, {
      label: words.__('Open the Dashboard'),
      caption: words.__('Show how the experiments go'),
      describedBy: { args: { type: 'object', properties: {} } },
      icon,
      execute: () => {
        const onRun = (run: string): void => void app.commands.execute(COMMANDS.openRun, { run });
        open('maestro-dashboard', () => new Dashboard(maestro, onRun));
      }
    });
    palette?.addItem({ command, category: words.__('Maestro') });
    if (restorer !== null) void restorer.restore(tracker, { command, name: () => 'maestro-dashboard' });
  }
};
