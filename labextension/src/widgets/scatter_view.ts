/** Runs as points by any two of the things they have; a table says the same to those who do not see the picture. */
import { type Axis, axisOf, canBeLog, padded, shareOf, ticksOf } from './axes.js';
import { type Compared, differs, nameOf, said, type Trait, traitsOf } from './compared.js';
import { el, say, svg } from './dom.js';
import { label } from './picture.js';
import { RunLegend, sign, signSwatch } from './run_legend.js';
import { table } from './tables.js';
import { type Words } from './words.js';

/** How the picture is left, to be found so again. */
export interface ScatterState {
  x?: string;
  y?: string;
  /** The axes of magnitudes, by the names of what they show; those of others are straight. */
  logs?: Readonly<Record<string, boolean>>;
}

interface Side {
  select: HTMLSelectElement;
  log: HTMLInputElement;
  name: string | undefined;
}

interface Point {
  place: number;
  x: number;
  y: number;
}

const HEIGHT = 340;
const LEFT = 78;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = HEIGHT - 46;
const SIZE = 11;
/** How near a pointer has to come to a point, in pixels. */
const NEAR = 22;

export class ScatterView {
  readonly element: HTMLElement;
  private readonly picture = svg('svg', { class: 'maestro-picture', role: 'img' });
  private readonly legend: RunLegend;
  private readonly note = el('span', { role: 'status' });
  private readonly described: HTMLElement;
  private readonly rows = el('div', { class: 'maestro-compared', tabindex: '0', role: 'region' });
  private readonly x: Side;
  private readonly y: Side;
  private readonly logs = new Map<string, boolean>();
  private compared: Compared = { runs: [], directions: {} };
  private traits: Trait[] = [];
  private points: Point[] = [];
  private pointed: number | null = null;
  /** What is said while no run is pointed at. */
  private ofAll = '';

  constructor(
    private readonly words: Words,
    state: ScatterState,
    private readonly onChange: (state: ScatterState) => void
  ) {
    for (const [name, isLog] of Object.entries(state.logs ?? {})) this.logs.set(name, isLog);
    this.x = this.side(words.__('Across'), state.x);
    this.y = this.side(words.__('Up'), state.y);
    this.legend = new RunLegend(words, signSwatch, this.point);
    this.rows.setAttribute('aria-label', words.__('The points as a table'));
    this.described = el('details', {}, el('summary', {}, words.__('The points as a table')), this.rows);
    const control = ({ select, log }: Side, title: string): HTMLElement =>
      el(
        'span',
        { class: 'maestro-side-by', role: 'group', 'aria-label': title },
        el('label', {}, `${title} `, select),
        el('label', {}, log, ` ${words.__('log')}`)
      );
    this.element = el(
      'div',
      {},
      el(
        'div',
        { class: 'maestro-bar' },
        control(this.x, words.__('Across')),
        control(this.y, words.__('Up'))
      ),
      el('div', { class: 'maestro-picture-box' }, this.picture),
      el('div', { class: 'maestro-picture-note' }, this.note),
      this.legend.element,
      this.described
    );
    this.picture.addEventListener('pointermove', this.onMove);
    this.picture.addEventListener('pointerleave', () => {
      this.point(this.legend.pinned);
    });
  }

  set(compared: Compared): void {
    this.compared = compared;
    this.traits = traitsOf(compared).filter(({ values }) => values.some(value => value !== undefined));
    this.legend.set(compared.runs);
    this.choose();
    this.draw();
  }

  /** Draws as wide as there is room; nothing while it is not seen. */
  readonly draw = (): void => {
    const width = this.picture.parentElement?.clientWidth ?? 0;
    const [x, y] = [this.traitOf(this.x), this.traitOf(this.y)];
    if (width === 0 || x === undefined || y === undefined) return;
    const across = this.axisFor(x, this.x);
    const up = this.axisFor(y, this.y);
    this.picture.setAttribute('width', String(width));
    this.picture.setAttribute('height', String(HEIGHT));
    const xOf = (at: number): number => LEFT + shareOf(across, at) * (width - LEFT - RIGHT);
    const yOf = (at: number): number => BOTTOM - shareOf(up, at) * (BOTTOM - TOP);
    this.points = this.compared.runs.flatMap((_, place) => {
      const [a, b] = [across.at[place], up.at[place]];
      return a === undefined || b === undefined ? [] : [{ place, x: xOf(a), y: yOf(b) }];
    });
    this.picture.replaceChildren(
      ...this.frame(across, up, width, xOf, yOf),
      label(x.key, {
        x: (LEFT + width - RIGHT) / 2,
        y: HEIGHT - 4,
        anchor: 'middle',
        style: 'maestro-axis-title',
        room: width - LEFT
      }),
      label(y.key, {
        x: -(TOP + BOTTOM) / 2,
        y: 13,
        anchor: 'middle',
        style: 'maestro-axis-title',
        room: BOTTOM - TOP,
        turn: -90
      }),
      ...this.points.map(({ place, x: left, y: top }) => {
        const group = svg('g', {
          class: 'maestro-point',
          'data-run': String(place),
          transform: `translate(${left.toFixed(1)} ${top.toFixed(1)})`
        });
        group.append(sign(place, SIZE));
        return group;
      })
    );
    this.describe(x, y);
    this.mark();
  };

  private describe(x: Trait, y: Trait): void {
    const { words } = this;
    const { runs } = this.compared;
    const left = runs.length - this.points.length;
    const drawn = words._n('%1 run by %2 and %3.', '%1 runs by %2 and %3.', this.points.length, x.key, y.key);
    const missing =
      left === 0
        ? ''
        : ` ${words._n('%1 is not drawn: one of the two is unknown.', '%1 are not drawn: one of the two is unknown.', left)}`;
    this.ofAll = `${drawn}${missing}`;
    if (this.pointed === null) say(this.note, this.ofAll);
    this.picture.setAttribute('aria-label', `${this.ofAll} ${words.__('They follow as a table.')}`);
    const cell = ({ values }: Trait, place: number): string => {
      const value = values[place];
      return value === undefined ? words.__('unknown') : said(value);
    };
    const lines = runs.map((run, place) => [run.name, cell(x, place), cell(y, place)]);
    this.rows.replaceChildren(table([words.__('run'), x.key, y.key], lines) ?? '');
  }

  private frame(
    across: Axis,
    up: Axis,
    width: number,
    xOf: (at: number) => number,
    yOf: (at: number) => number
  ): SVGElement[] {
    const isInside = (axis: Axis, at: number): boolean => at >= axis.low && at <= axis.high;
    const rows = ticksOf(up, 6)
      .filter(({ at }) => isInside(up, at))
      .flatMap(({ at, label: text }) => {
        const y = yOf(at).toFixed(1);
        return [
          svg('line', { x1: String(LEFT), x2: String(width - RIGHT), y1: y, y2: y, class: 'maestro-rule' }),
          label(text, { x: LEFT - 6, y: yOf(at) + 4, anchor: 'end', style: 'maestro-tick', room: LEFT - 26 })
        ];
      });
    const most = Math.max(2, Math.min(8, Math.floor((width - LEFT) / 90)));
    const columns = ticksOf(across, most)
      .filter(({ at }) => isInside(across, at))
      .flatMap(({ at, label: text }) => {
        const x = xOf(at).toFixed(1);
        return [
          svg('line', { x1: x, x2: x, y1: String(TOP), y2: String(BOTTOM), class: 'maestro-rule' }),
          label(text, { x: xOf(at), y: BOTTOM + 16, anchor: 'middle', style: 'maestro-tick', room: 90 })
        ];
      });
    return [...rows, ...columns];
  }

  private side(label: string, name: string | undefined): Side {
    const side: Side = {
      select: el('select', { 'aria-label': label }),
      log: el('input', { type: 'checkbox' }),
      name
    };
    side.select.addEventListener('change', () => {
      side.name = side.select.value;
      this.changed();
    });
    side.log.addEventListener('change', () => {
      if (side.name !== undefined) this.logs.set(side.name, side.log.checked);
      this.changed();
    });
    return side;
  }

  /** Offers what there is; what tells most is taken where nothing was: a number that differs, and a metric. */
  private choose(): void {
    const names = this.traits.map(nameOf);
    const first = (...tests: ((trait: Trait) => boolean)[]): string | undefined => {
      const found = tests.map(test => this.traits.find(test)).find(trait => trait !== undefined);
      return found === undefined ? undefined : nameOf(found);
    };
    const isParam = ({ entity }: Trait): boolean => entity === 'param';
    const isMetric = ({ entity }: Trait): boolean => entity === 'metric';
    const isNumber = (trait: Trait): boolean => axisOf(trait).scale !== 'category';
    if (!names.includes(this.x.name ?? '')) {
      this.x.name = first(
        trait => isParam(trait) && differs(trait) && isNumber(trait),
        trait => isParam(trait) && differs(trait),
        () => true
      );
    }
    if (!names.includes(this.y.name ?? '')) {
      this.y.name = first(
        trait => isMetric(trait) && differs(trait) && !trait.key.startsWith('training_'),
        isMetric,
        () => true
      );
    }
    for (const { select, name } of [this.x, this.y]) {
      const have = [...select.options].map(({ value }) => value);
      if (JSON.stringify(have) !== JSON.stringify(names)) {
        select.replaceChildren(
          ...this.traits.map(trait => el('option', { value: nameOf(trait) }, trait.key))
        );
      }
      select.value = name ?? '';
    }
  }

  private changed(): void {
    this.onChange({
      ...(this.x.name === undefined ? {} : { x: this.x.name }),
      ...(this.y.name === undefined ? {} : { y: this.y.name }),
      logs: Object.fromEntries(this.logs)
    });
    this.draw();
  }

  private traitOf({ name }: Side): Trait | undefined {
    return this.traits.find(trait => nameOf(trait) === name);
  }

  private axisFor(trait: Trait, { log }: Side): Axis {
    const axis = axisOf(trait, this.logs.get(nameOf(trait)));
    log.disabled = !canBeLog(axis);
    log.checked = axis.scale === 'log';
    return padded(axis);
  }

  /** Shows one run before all others, and says what it has. */
  private readonly point = (place: number | null): void => {
    if (this.pointed === place) return;
    this.pointed = place;
    this.mark();
    const run = place === null ? undefined : this.compared.runs[place];
    if (run === undefined || place === null) {
      say(this.note, this.ofAll);
      return;
    }
    const values = [this.x, this.y].map(side => {
      const trait = this.traitOf(side);
      const value = trait?.values[place];
      return `${trait?.key ?? ''}: ${value === undefined ? this.words.__('unknown') : said(value)}`;
    });
    say(this.note, `${run.name} – ${values.join(' · ')}`);
  };

  private mark(): void {
    this.picture.classList.toggle('maestro-pointed', this.pointed !== null);
    for (const old of this.picture.querySelectorAll('.maestro-point-label')) old.remove();
    for (const point of this.picture.querySelectorAll<SVGElement>('[data-run]')) {
      point.classList.toggle('maestro-marked', Number(point.dataset['run']) === this.pointed);
    }
    const at = this.points.find(({ place }) => place === this.pointed);
    if (at === undefined) return;
    const isRight = at.x > Number(this.picture.getAttribute('width')) / 2;
    this.picture.append(
      label(this.compared.runs[at.place]?.name ?? '', {
        x: at.x + (isRight ? -12 : 12),
        y: at.y - 8 < TOP + 8 ? at.y + 18 : at.y - 8,
        anchor: isRight ? 'end' : 'start',
        style: 'maestro-point-label',
        room: 260
      })
    );
  }

  private readonly onMove = ({ clientX, clientY }: PointerEvent): void => {
    const { left, top } = this.picture.getBoundingClientRect();
    let nearest = this.legend.pinned;
    let least = NEAR;
    for (const { place, x, y } of this.points) {
      const distance = Math.hypot(x - (clientX - left), y - (clientY - top));
      if (distance >= least) continue;
      least = distance;
      nearest = place;
    }
    this.point(nearest);
  };
}
