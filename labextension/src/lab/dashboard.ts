/** The dashboard: how the experiments go, over time. */
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { el } from '../widgets/dom.js';
import { ago, duration, many, shown } from '../widgets/numbers.js';
import { part, table } from '../widgets/tables.js';
import { isRanked, lowerIsBetter } from './better.js';
import { bestSteps, dayBars } from './charts.js';
import { icon } from './icon.js';
import { runLink } from './run_card.js';
import { COMMANDS, IMaestro } from './token.js';
import { opener, View } from './views.js';
import type { BestSoFar, RunHistory, RunTotals, Told, Usage } from '../api/index.js';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

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
    const { client, words } = this.maestro;
    const scope = this.project === '' ? {} : { project: this.project };
    const [projects, history, used] = await Promise.all([
      client.projects({ signal }),
      client.runHistory({ ...scope, utc_offset: -new Date().getTimezoneOffset() }, { signal }),
      client.usedArtifacts({ ...scope, limit: SHOWN }, { signal })
    ]);
    const metric = metricOf(history, this.maestro.preferences.metric);
    const best =
      metric === undefined
        ? undefined
        : await client.bestSoFar({ ...scope, metric, lower: lowerIsBetter(metric) }, { signal });
    const names = projects.map(({ name }) => name);
    return [
      el('div', { class: 'maestro-bar' }, el('h2', {}, words.__('Experiments')), this.chooser(names)),
      this.numbers(history.total),
      ...(history.total.runs === 0
        ? []
        : part(words.__('Runs a day'), dayBars(history.days, words), this.legend(history))),
      ...(best === undefined ? [] : this.best(best)),
      ...this.failures(history.unwell),
      ...this.projects(history.projects),
      ...this.used(used)
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

  private numbers(total: RunTotals): HTMLElement {
    const { words } = this.maestro;
    const facts: [string, string][] = [
      [words.__('runs'), total.runs.toLocaleString()],
      [words.__('✓ finished'), total.finished.toLocaleString()],
      [words.__('✗ failed or killed'), unwellOf(total)],
      [words.__('● running'), total.running.toLocaleString()],
      [words.__('time in all'), this.timeOf(total)]
    ];
    return el(
      'dl',
      { class: 'maestro-numbers' },
      ...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))
    );
  }

  private timeOf({ runs, untimed, seconds }: RunTotals): string {
    const { words } = this.maestro;
    if (untimed === runs) return words.__('unknown');
    return untimed === 0
      ? duration(seconds)
      : words.__('%1, without %2 of unknown length', duration(seconds), many(untimed, 'run'));
  }

  private legend({ days, total }: RunHistory): HTMLElement {
    const { words } = this.maestro;
    const counted = days.reduce((sum, { finished, unwell, running }) => sum + finished + unwell + running, 0);
    const earlier = total.runs - counted;
    const before = earlier === 0 ? '' : words.__(' %1 before these days.', many(earlier, 'run'));
    return el('p', { class: 'maestro-quiet' }, `${words.__('Hatched: failed or killed.')}${before}`);
  }

  private best({ metric, lower, steps, runs }: BestSoFar): HTMLElement[] {
    const { words } = this.maestro;
    const latest = steps.at(-1);
    if (latest === undefined) return [];
    const title = lower
      ? words.__('Best %1 so far (lower is better)', metric)
      : words.__('Best %1 so far', metric);
    const picture = bestSteps(steps, Math.max(Date.now(), Date.parse(latest.start_time)), metric, words);
    const link = runLink(
      { run_id: latest.run_id, name: `${latest.name}: ${shown(latest.value)}`, status: 'FINISHED' },
      this,
      words
    );
    const of = el('span', { class: 'maestro-quiet' }, words.__('the best of %1', many(runs, 'run')));
    return part(title, picture, el('div', { class: 'maestro-bar' }, link, of));
  }

  private failures(runs: RunHistory['unwell']): HTMLElement[] {
    const { words } = this.maestro;
    const lines = runs.map(run => [
      runLink(run, this, words),
      run.project,
      ago(Date.parse(run.start_time), Date.now()),
      run.status_reason
    ]);
    return part(
      words.__('Latest failures'),
      table([words.__('run'), words.__('project'), words.__('started'), words.__('why')], lines)
    );
  }

  private projects(projects: readonly RunTotals[]): HTMLElement[] {
    const { words } = this.maestro;
    if (projects.length < 2) return [];
    const titles = [
      words.__('project'),
      words.__('runs'),
      words.__('failed or killed'),
      words.__('time in all'),
      words.__('latest')
    ];
    const lines = projects.map(one => [
      one.name,
      one.runs,
      unwellOf(one),
      this.timeOf(one),
      one.latest === null ? '' : ago(Date.parse(one.latest), Date.now())
    ]);
    return part(words.__('Projects'), table(titles, lines));
  }

  private used(used: readonly Usage[]): HTMLElement[] {
    const { words } = this.maestro;
    const titles = [
      words.__('artifact'),
      words.__('type'),
      words.__('projects'),
      words.__('runs'),
      words.__('last used')
    ];
    const lines = used.map(({ name, type, projects, runs, last }) => [
      name,
      type,
      projects,
      runs,
      last === null ? '' : ago(Date.parse(last), Date.now())
    ]);
    return part(words.__('Most used artifacts'), table(titles, lines));
  }
}

/** Gives the metric that is wanted, where a run has it, or else the one that the most runs have. */
function metricOf({ metrics }: RunHistory, wanted: string): string | undefined {
  return metrics.includes(wanted) ? wanted : (metrics.find(isRanked) ?? metrics[0]);
}

/** Gives how many ended badly, and their share of those that ended. */
function unwellOf({ finished, failed, killed }: RunTotals): string {
  const unwell = failed + killed;
  const share = (100 * unwell) / Math.max(1, finished + unwell);
  return unwell === 0 ? '0' : `${unwell.toLocaleString()} (${shown(Number(share.toPrecision(3)))} %)`;
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
