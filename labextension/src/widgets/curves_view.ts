/** Curves of a metric in many runs: zoomed into, smoothed, along steps, time or epochs, while they go on. */
import { MaestroError } from '../api/errors.js';
import { Chart, type Drawn } from './chart.js';
import { el, say, svg } from './dom.js';
import { type CurvesSource, type Drawable } from './curves_source.js';
import { Superseded } from './exchange.js';
import {
  aligned,
  type Line,
  moved,
  type Part,
  positive,
  smoothed,
  styleOf,
  type Value,
  WHOLE
} from './lines.js';
import { type Host } from './mount.js';
import { digitsFor, shown } from './numbers.js';
import { statusOf } from './statuses.js';
import { type Words } from './words.js';

/** What the chart works with. */
export interface CurvesHost extends Pick<Host, 'root' | 'state' | 'keep' | 'signal'> {
  words: Words;
  source: CurvesSource;
  /** What is drawn first; the first there is if it is empty. */
  metric: string;
}

interface State {
  metric?: string;
  axis?: string;
  smoothing?: number;
  log?: boolean;
}

const MOST = 2000;
const STEP = 0.25;

export class CurvesView {
  private setup: Drawable = { runs: [], metrics: [], epochs: false };
  private metric: string;
  private axis: string;
  private smoothing: number;
  private log: boolean;
  private part: Part = WHOLE;
  private lines: Line[] = [];
  private drawn: [number[], ...Value[][]] = [[]];
  private readonly hidden = new Set<number>();

  private readonly box = el('div', { class: 'maestro-chart', tabindex: '0', role: 'group' });
  private readonly chart: Chart;
  private readonly legend = el('ul', { class: 'maestro-legend' });
  private readonly controls = el('div', { class: 'maestro-bar' });
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly said = el('span', { role: 'status' });
  private readonly waiting = el('span', { role: 'status', class: 'maestro-quiet' });

  constructor(private readonly host: CurvesHost) {
    const state = host.state as State;
    this.legend.setAttribute('aria-label', host.words.__('Runs'));
    this.metric = state.metric ?? host.metric;
    this.axis = state.axis ?? 'step';
    this.smoothing = state.smoothing ?? 0;
    this.log = state.log ?? false;
    const line = el('div', { class: 'maestro-bar maestro-line' }, this.said, this.waiting);
    host.root.append(this.controls, this.wrong, this.box, this.legend, line);
    this.chart = new Chart(this.box, {
      onZoom: (low, high) => {
        this.look({ low, high });
      },
      onWhole: () => {
        this.look(WHOLE);
      },
      onPoint: index => {
        this.tellValues(index);
      }
    });
    this.box.addEventListener('keydown', this.onKey);
    this.followTheme();
    host.signal.addEventListener('abort', () => {
      this.chart.close();
    });
  }

  /** Says whether answers take long. */
  readonly tellLate = (late: boolean): void => {
    say(this.waiting, late ? this.host.words.__('Waiting for the kernel…') : '');
  };

  /** Asks for everything anew. */
  readonly refresh = async (): Promise<void> => {
    try {
      await this.load();
    } catch (error) {
      this.fail(error);
    }
  };

  readonly isRunning = (): boolean => this.setup.runs.some(({ status }) => status === 'RUNNING');

  /** Tells whether one of the runs is drawn; before it is known which are, all are. */
  shows(isOne: (run: string) => boolean): boolean {
    return this.setup.runs.length === 0 || this.setup.runs.some(({ id }) => isOne(id));
  }

  private async load(): Promise<void> {
    const before = this.setup;
    this.setup = await this.host.source.drawable();
    if (this.metric === '') this.metric = this.setup.metrics[0]?.key ?? '';
    // The controls stay as long as they can: one of them may be in somebody's hand.
    const choices = ({ metrics, epochs }: Drawable): string => JSON.stringify([metrics, epochs]);
    if (choices(before) !== choices(this.setup)) this.showControls();
    if (this.metric !== '') await this.fetch();
    else
      say(this.said, this.host.words.__('None of these runs has a metric that was logged more than once.'));
  }

  /** Asks for the points of the part that is seen: no more than the screen shows. */
  private async fetch(): Promise<void> {
    const points = Math.min(MOST, Math.max(200, Math.round(this.chart.width)));
    const question = { metric: this.metric, axis: this.axis, points, ...this.part };
    this.lines = await this.host.source.curves(question);
    say(this.wrong, '');
    this.draw();
  }

  private draw(): void {
    const lines: Line[] = [];
    const drawn: Drawn[] = [];
    for (const [place, line] of this.lines.entries()) {
      const style = { ...styleOf(place), hidden: this.hidden.has(place) };
      if (this.smoothing > 0) {
        lines.push(line);
        drawn.push({ ...style, faint: true });
      }
      lines.push(this.smoothing > 0 ? { ...line, values: smoothed(line.values, this.smoothing) } : line);
      drawn.push({ ...style, faint: false });
    }
    const [places, ...columns] = aligned(lines);
    this.drawn = [places, ...(this.log ? columns.map(positive) : columns)];
    const { words } = this.host;
    const axis = this.nameOfAxis();
    this.chart.draw({ data: this.drawn, lines: drawn, part: this.part, log: this.log, axis });
    const keys = words.__('Arrow keys move the part that is seen, plus and minus zoom, 0 shows all.');
    this.box.setAttribute('aria-label', `${words.__('%1 by %2.', this.metric, axis)} ${keys}`);
    this.showLegend();
    say(this.said, this.counted());
  }

  private nameOfAxis(): string {
    const { words } = this.host;
    if (this.axis === 'time') return words.__('seconds since the start');
    return this.axis === 'epoch' ? words.__('epoch') : words.__('step');
  }

  /** Says how much is drawn. */
  private counted(): string {
    const { words } = this.host;
    const points = this.lines.reduce((sum, { along }) => sum + along.length, 0);
    const runs = words._n('%2 run', '%2 runs', this.setup.runs.length, this.setup.runs.length);
    const drawn = words._n('%2 point', '%2 points', points, points.toLocaleString());
    return this.isWhole()
      ? words.__('%1: %2, %3 drawn.', this.metric, runs, drawn)
      : words.__('%1: %2, %3 drawn of a part.', this.metric, runs, drawn);
  }

  private isWhole(): boolean {
    return this.part.low === null && this.part.high === null;
  }

  private look(part: Part): void {
    this.part = part;
    this.act(async () => this.fetch());
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const seen = this.chart.seen;
    if (seen === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const parts: Readonly<Record<string, Part>> = {
      ArrowLeft: moved(seen, -STEP, 1),
      ArrowRight: moved(seen, STEP, 1),
      '+': moved(seen, 0, 0.5),
      '-': moved(seen, 0, 2),
      '0': WHOLE
    };
    const part = parts[event.key];
    if (part === undefined) return;
    event.preventDefault();
    this.look(part);
  };

  private showControls(): void {
    const metrics = this.setup.metrics.map(({ key }) => el('option', { value: key }, key));
    const { words } = this.host;
    const metric = el('select', { 'aria-label': words.__('Metric') }, ...metrics);
    metric.value = this.metric;
    metric.addEventListener('change', () => {
      this.metric = metric.value;
      this.part = WHOLE;
      this.changed();
      this.look(WHOLE);
    });
    const names: [string, string][] = [
      ['step', words.__('by step')],
      ['time', words.__('by time')],
      ...(this.setup.epochs ? [['epoch', words.__('by epoch')] as [string, string]] : [])
    ];
    const axis = el(
      'select',
      { 'aria-label': words.__('Along') },
      ...names.map(([name, said]) => el('option', { value: name }, said))
    );
    axis.value = this.axis;
    axis.addEventListener('change', () => {
      this.axis = axis.value;
      this.changed();
      this.look(WHOLE);
    });
    const smoothing = el('input', { type: 'range', min: '0', max: '0.99', step: '0.01' });
    smoothing.value = String(this.smoothing);
    smoothing.addEventListener('input', () => {
      this.smoothing = Number(smoothing.value);
      this.draw();
    });
    smoothing.addEventListener('change', () => {
      this.changed();
    });
    const log = el('input', { type: 'checkbox' });
    log.checked = this.log;
    log.addEventListener('change', () => {
      this.log = log.checked;
      this.changed();
      this.draw();
    });
    const whole = (): void => {
      this.look(WHOLE);
    };
    this.controls.replaceChildren(
      metric,
      axis,
      el('label', {}, words.__('smoothing'), ' ', smoothing),
      el('label', {}, log, ' ', words.__('log')),
      el('button', { type: 'button', onclick: whole }, words.__('Show all'))
    );
  }

  private showLegend(): void {
    const items = this.setup.runs.map(({ id, name, status }, place) => {
      const { colour, dash } = styleOf(place);
      const line = { x1: '0', y1: '5', x2: '30', y2: '5', stroke: colour, 'stroke-width': '2.5' };
      const swatch = svg('svg', { width: '30', height: '10', 'aria-hidden': 'true' });
      swatch.append(svg('line', { ...line, 'stroke-dasharray': dash.join(' ') }));
      const { icon, word, style } = statusOf(status, this.host.words);
      const state = status === 'FINISHED' ? [] : [el('span', { class: style }, `${icon} ${word}`)];
      const toggle = (): void => {
        if (!this.hidden.delete(place)) this.hidden.add(place);
        this.draw();
      };
      const shows = String(!this.hidden.has(place));
      const button = el('button', { type: 'button', 'aria-pressed': shows, onclick: toggle, title: name });
      button.append(
        swatch,
        el('span', { class: 'maestro-run' }, name),
        el('code', {}, id.slice(0, 8)),
        ...state
      );
      return el('li', {}, button, el('span', { class: 'maestro-value' }));
    });
    const focused = [...this.legend.querySelectorAll('button')].findIndex(
      one => one === document.activeElement
    );
    this.legend.replaceChildren(...items);
    this.legend.querySelectorAll('button')[focused]?.focus();
    this.tellValues(null);
  }

  /** Shows the values at a place, or else the last ones. */
  private tellValues(index: number | null): void {
    const each = this.smoothing > 0 ? 2 : 1;
    const values = this.lines.map((line, place) => {
      const column = this.drawn[1 + place * each] as Value[] | undefined;
      return index === null ? line.values[line.values.length - 1] : column?.[index];
    });
    const digits = digitsFor(values);
    for (const [place, item] of [...this.legend.children].entries()) {
      const value = item.querySelector('.maestro-value');
      if (value !== null) say(value, shown(values[place], digits));
    }
  }

  /** Draws anew when the page's colours change. */
  private followTheme(): void {
    const theme = new MutationObserver(() => {
      this.draw();
    });
    theme.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-name'] });
    this.host.signal.addEventListener('abort', () => {
      theme.disconnect();
    });
  }

  private changed(): void {
    this.host.keep({ metric: this.metric, axis: this.axis, smoothing: this.smoothing, log: this.log });
  }

  private act(does: () => Promise<void>): void {
    does().catch((error: unknown) => {
      this.fail(error);
    });
  }

  readonly fail = (error: unknown): void => {
    if (error instanceof Superseded) return;
    if (!(error instanceof MaestroError)) throw error;
    say(this.wrong, `${error.message} ${error.hint}`.trim());
  };
}
