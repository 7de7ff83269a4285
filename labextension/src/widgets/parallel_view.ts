/** Parallel coordinates: an axis for each parameter and metric, a line for each run, ranges that choose among them. */
import { type Axis, axisOf, chosenBy, isRange, type Range, rangeOf, shareOf, ticksOf } from './axes.js';
import { AxesChooser } from './axes_chooser.js';
import { type Compared, differs, nameOf, said, type Trait, traitsOf } from './compared.js';
import { el, say, svg } from './dom.js';
import { styleOf } from './lines.js';
import { label } from './picture.js';
import { lineSwatch, RunLegend } from './run_legend.js';
import { type Words } from './words.js';

/** How the picture is left, to be found so again. */
export interface ParallelState {
  /** The names of the axes in their order, without the last. */
  axes?: readonly string[];
  last?: string;
}

interface Column {
  trait: Trait;
  axis: Axis;
  x: number;
}

const HEIGHT = 340;
const TOP = 34;
const BOTTOM = HEIGHT - 44;
/** Where a run stands on an axis whose value is not known of it. */
const UNKNOWN = HEIGHT - 18;
const SIDE = 56;
/** How many axes are shown at first, and how many can be. */
const FIRST = 7;
const MOST = 16;
const NONE: Range = { low: null, high: null };

export class ParallelView {
  readonly element: HTMLElement;
  private readonly picture = svg('svg', { class: 'maestro-picture', role: 'img' });
  private readonly legend: RunLegend;
  private readonly chooser: AxesChooser;
  private readonly last: HTMLSelectElement;
  private readonly note = el('span', { role: 'status' });
  private readonly clear: HTMLButtonElement;
  private compared: Compared = { runs: [], directions: {} };
  private traits: Trait[] = [];
  private axes: string[] | undefined;
  private lastName: string | undefined;
  private readonly ranges = new Map<string, Range>();
  private columns: Column[] = [];
  private lines: SVGElement[] = [];
  private pointed: number | null = null;
  /** What is said while no run is pointed at. */
  private ofAll = '';
  private drawing: { column: Column; from: number } | undefined;

  constructor(
    private readonly words: Words,
    state: ParallelState,
    private readonly onChange: (state: ParallelState) => void
  ) {
    this.axes = state.axes === undefined ? undefined : [...state.axes];
    this.lastName = state.last;
    this.legend = new RunLegend(words, lineSwatch, this.point);
    this.chooser = new AxesChooser(words, {
      onChoose: this.choose,
      onMove: this.move,
      onRange: (name, range) => {
        this.ranges.set(name, range);
        this.draw();
      }
    });
    this.last = el('select', { 'aria-label': words.__('Last axis') });
    this.last.addEventListener('change', () => {
      const before = this.lastName;
      this.lastName = this.last.value;
      this.axes = this.chosen().filter(name => name !== this.lastName);
      if (before !== undefined && this.axes.length < MOST) this.axes.push(before);
      this.changed();
    });
    this.clear = el('button', { type: 'button', onclick: this.clearRanges }, words.__('Clear the ranges'));
    const hint = words.__('Draw along an axis to choose a range of it.');
    this.element = el(
      'div',
      {},
      el(
        'div',
        { class: 'maestro-bar' },
        el('label', {}, `${words.__('Last axis')} `, this.last),
        this.clear,
        el('span', { class: 'maestro-quiet' }, hint)
      ),
      el('div', { class: 'maestro-picture-box' }, this.picture),
      el('div', { class: 'maestro-picture-note' }, this.note),
      this.legend.element,
      this.chooser.element
    );
    this.picture.addEventListener('pointerdown', this.onDown);
    this.picture.addEventListener('pointermove', this.onMove);
    this.picture.addEventListener('pointerup', this.onUp);
    this.picture.addEventListener('pointercancel', this.onUp);
    this.picture.addEventListener('pointerleave', () => {
      this.point(this.legend.pinned);
    });
  }

  set(compared: Compared): void {
    this.compared = compared;
    this.traits = traitsOf(compared);
    this.legend.set(compared.runs);
    this.showLast();
    this.draw();
  }

  /** Draws as wide as there is room; nothing while it is not seen. */
  readonly draw = (): void => {
    const width = this.picture.parentElement?.clientWidth ?? 0;
    this.showChooser();
    if (width === 0) return;
    const names = [...this.chosen(), ...(this.lastName === undefined ? [] : [this.lastName])];
    const found = names.flatMap(name => this.traits.filter(trait => nameOf(trait) === name));
    const apart = found.length < 2 ? 0 : (width - 2 * SIDE) / (found.length - 1);
    this.columns = found.map((trait, place) => ({ trait, axis: axisOf(trait), x: SIDE + place * apart }));
    this.picture.setAttribute('width', String(width));
    this.picture.setAttribute('height', String(HEIGHT));
    const { runs } = this.compared;
    const chosen = chosenBy(
      this.columns.map(({ trait, axis }) => [axis, this.rangeFor(trait)]),
      runs.length
    );
    this.lines = runs.map((_, place) => this.line(place, chosen[place] === true));
    const hasUnknown = this.columns.some(({ axis }) => axis.at.includes(undefined));
    this.picture.replaceChildren(
      ...this.lines,
      ...this.columns.flatMap(column => this.axis(column, apart)),
      ...(hasUnknown ? [this.unknown(width)] : [])
    );
    this.describe(chosen);
    this.mark();
  };

  private describe(chosen: readonly boolean[]): void {
    const { words } = this;
    const keys = this.columns.map(({ trait }) => trait.key).join(', ');
    const described = words.__('%1 runs, each a line across the axes %2', chosen.length, keys);
    this.picture.setAttribute('aria-label', described);
    const isRanged = this.columns.some(({ trait }) => isRange(this.rangeFor(trait)));
    this.clear.disabled = !isRanged;
    this.sayNote(
      isRanged
        ? words.__('%1 of %2 runs are in the ranges.', chosen.filter(Boolean).length, chosen.length)
        : words._n('%1 run.', '%1 runs.', chosen.length)
    );
  }

  private sayNote(text: string): void {
    this.ofAll = text;
    if (this.pointed === null) say(this.note, text);
  }

  /** The axes' names without the last: those that differ, where nobody has chosen. */
  private chosen(): string[] {
    const usual = this.traits.filter(trait => differs(trait) && trait.entity !== 'attribute').map(nameOf);
    const known = new Set(this.traits.map(nameOf));
    const wanted = this.axes ?? usual.filter(name => name !== this.lastName).slice(0, FIRST);
    return wanted.filter(name => known.has(name) && name !== this.lastName);
  }

  /** Offers the metrics as the last axis; the first that differs and has a best is taken, if none was. */
  private showLast(): void {
    const metrics = this.traits.filter(({ entity }) => entity === 'metric');
    const names = metrics.map(nameOf);
    if (this.lastName === undefined || !names.includes(this.lastName)) {
      const telling = metrics.filter(trait => differs(trait) && trait.direction?.ranked === true);
      const best = telling.find(({ key }) => !key.startsWith('training_')) ?? telling[0] ?? metrics[0];
      this.lastName = best === undefined ? undefined : nameOf(best);
    }
    const have = [...this.last.options].map(({ value }) => value);
    if (JSON.stringify(have) !== JSON.stringify(names)) {
      this.last.replaceChildren(...metrics.map(trait => el('option', { value: nameOf(trait) }, trait.key)));
    }
    this.last.value = this.lastName ?? '';
    this.last.disabled = metrics.length === 0;
  }

  private showChooser(): void {
    const chosen = this.chosen();
    const order = [...chosen, ...(this.lastName === undefined ? [] : [this.lastName])];
    const named = new Map(this.traits.map(trait => [nameOf(trait), trait]));
    const rest = this.traits.filter(trait => !order.includes(nameOf(trait)));
    const sorted = [...rest.filter(differs), ...rest.filter(trait => !differs(trait))];
    const all = [...order.flatMap(name => named.get(name) ?? []), ...sorted];
    this.chooser.set(
      all.map(trait => ({
        trait,
        axis: axisOf(trait),
        isChosen: order.includes(nameOf(trait)),
        isLast: nameOf(trait) === this.lastName,
        range: this.rangeFor(trait)
      }))
    );
  }

  private readonly choose = (name: string, isChosen: boolean): void => {
    const others = this.chosen().filter(each => each !== name);
    if (isChosen && others.length >= MOST) {
      this.draw();
      say(this.note, this.words.__('%1 axes are as many as there is room for.', MOST));
      return;
    }
    if (!isChosen) this.ranges.delete(name);
    this.axes = isChosen ? [...others, name] : others;
    this.changed();
  };

  private readonly move = (name: string, by: number): void => {
    const order = this.chosen();
    const from = order.indexOf(name);
    const to = Math.min(Math.max(from + by, 0), order.length - 1);
    order.splice(from, 1);
    order.splice(to, 0, name);
    this.axes = order;
    this.changed();
  };

  private readonly clearRanges = (): void => {
    this.ranges.clear();
    this.draw();
  };

  private changed(): void {
    this.onChange({
      ...(this.axes === undefined ? {} : { axes: this.axes }),
      ...(this.lastName === undefined ? {} : { last: this.lastName })
    });
    this.showLast();
    this.draw();
  }

  private rangeFor(trait: Trait): Range {
    return this.ranges.get(nameOf(trait)) ?? NONE;
  }

  private line(place: number, isChosen: boolean): SVGElement {
    const { colour, dash } = styleOf(place);
    const points = this.columns.map(({ axis, x }) => {
      const at = axis.at[place];
      return `${x.toFixed(1)} ${(at === undefined ? UNKNOWN : yOf(axis, at)).toFixed(1)}`;
    });
    const d = `M${points.join('L')}`;
    const group = svg('g', { class: isChosen ? 'maestro-in' : 'maestro-out', 'data-run': String(place) });
    group.append(
      svg('path', { d, class: 'maestro-grip' }),
      svg('path', { d, class: 'maestro-run-line', stroke: colour, 'stroke-dasharray': dash.join(' ') })
    );
    return group;
  }

  private axis({ trait, axis, x }: Column, apart: number): SVGElement[] {
    const at = x.toFixed(1);
    const room = apart === 0 ? 400 : Math.min(apart, 2 * SIDE) - 8;
    const title = label(trait.key, { x, y: 14, anchor: 'middle', style: 'maestro-axis-title', room });
    const line = svg('line', { x1: at, x2: at, y1: String(TOP), y2: String(BOTTOM), class: 'maestro-axis' });
    const ticks = ticksOf(axis, 8).flatMap(({ at: value, label: text }) => {
      const y = yOf(axis, value);
      return [
        svg('line', {
          x1: (x - 4).toFixed(1),
          x2: at,
          y1: y.toFixed(1),
          y2: y.toFixed(1),
          class: 'maestro-axis'
        }),
        label(text, { x: x - 6, y: y + 4, anchor: 'end', style: 'maestro-tick', room: SIDE })
      ];
    });
    const grip = svg('rect', {
      x: (x - 12).toFixed(1),
      y: String(TOP - 8),
      width: '24',
      height: String(BOTTOM - TOP + 16),
      class: 'maestro-axis-grip'
    });
    return [line, ...ticks, title, ...this.range(trait, axis, x), grip];
  }

  private range(trait: Trait, axis: Axis, x: number): SVGElement[] {
    const range = this.rangeFor(trait);
    if (!isRange(range)) return [];
    const half = axis.scale === 'category' && axis.low < axis.high ? 0.4 : 0;
    const [low, high] = [(range.low ?? axis.low) - half, (range.high ?? axis.high) + half];
    const [top, bottom] = [within(yOf(axis, high)) - 2, within(yOf(axis, low)) + 2];
    if (bottom < top) return [];
    return [
      svg('rect', {
        x: (x - 7).toFixed(1),
        y: top.toFixed(1),
        width: '14',
        height: (bottom - top).toFixed(1),
        class: 'maestro-range'
      })
    ];
  }

  private unknown(width: number): SVGElement {
    const place = { x: width - 4, y: HEIGHT - 3, anchor: 'end', style: 'maestro-tick', room: width } as const;
    return label(this.words.__('below the axes: unknown'), place);
  }

  /** Shows one run before all others, and says what it has. */
  private readonly point = (place: number | null): void => {
    if (this.pointed === place) return;
    this.pointed = place;
    this.mark();
    const run = place === null ? undefined : this.compared.runs[place];
    if (run === undefined) {
      say(this.note, this.ofAll);
      return;
    }
    const values = this.columns.map(({ trait }) => {
      const value = trait.values[place ?? 0];
      return `${trait.key}: ${value === undefined ? this.words.__('unknown') : said(value)}`;
    });
    say(this.note, `${run.name} – ${values.join(' · ')}`);
  };

  private mark(): void {
    this.picture.classList.toggle('maestro-pointed', this.pointed !== null);
    for (const [place, line] of this.lines.entries()) {
      line.classList.toggle('maestro-marked', place === this.pointed);
    }
  }

  private readonly onDown = (event: PointerEvent): void => {
    const [x, y] = this.placeOf(event);
    const column = this.columns.find(each => Math.abs(each.x - x) <= 12);
    if (column === undefined || y < TOP - 10 || y > BOTTOM + 10 || event.button !== 0) return;
    event.preventDefault();
    this.drawing = { column, from: shareAt(y) };
    this.picture.setPointerCapture(event.pointerId);
    this.ranges.delete(nameOf(column.trait));
    this.draw();
  };

  private readonly onMove = (event: PointerEvent): void => {
    if (this.drawing === undefined) {
      const run = event.target instanceof Element ? event.target.closest<SVGElement>('[data-run]') : null;
      this.point(run === null ? this.legend.pinned : Number(run.dataset['run']));
      return;
    }
    const { column, from } = this.drawing;
    const to = shareAt(this.placeOf(event)[1]);
    if (Math.abs(to - from) * (BOTTOM - TOP) < 3) return;
    this.ranges.set(nameOf(column.trait), rangeOf(column.axis, from, to));
    this.draw();
  };

  private readonly onUp = (): void => {
    this.drawing = undefined;
  };

  private placeOf({ clientX, clientY }: PointerEvent): [number, number] {
    const { left, top } = this.picture.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }
}

function yOf(axis: Axis, at: number): number {
  return BOTTOM - shareOf(axis, at) * (BOTTOM - TOP);
}

function shareAt(y: number): number {
  return Math.min(1, Math.max(0, (BOTTOM - y) / (BOTTOM - TOP)));
}

function within(y: number): number {
  return Math.min(BOTTOM, Math.max(TOP, y));
}
