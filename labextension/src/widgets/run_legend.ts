/** The runs of a picture, each with its sign: pointing at one, or reaching it by arrow keys, shows it in the picture. */
import { type ComparedRun } from './compared.js';
import { el, svg } from './dom.js';
import { keepingFocus, NAMED } from './focus.js';
import { styleOf } from './lines.js';
import { statusOf } from './statuses.js';
import { type Words } from './words.js';

/** Signs that are told apart without their colours, around the middle of a box of two by two. */
const SHAPES = [
  'M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z',
  'M-.9 -.9H.9V.9H-.9Z',
  'M0 -1.1L1.1 .9H-1.1Z',
  'M0 -1.25L1.1 0L0 1.25L-1.1 0Z',
  'M-1.1 -.9H1.1L0 1.1Z',
  'M-.35 -1.1H.35V-.35H1.1V.35H.35V1.1H-.35V.35H-1.1V-.35H-.35Z'
];

/** Gives the sign of a run by its place, so large. */
export function sign(place: number, size: number): SVGElement {
  const { colour } = styleOf(place);
  // No two of sixty are alike, nor are two neighbours' shapes.
  const turn = place + Math.floor(place / 30);
  const half = String(size / 2);
  return svg('path', {
    d: SHAPES[turn % SHAPES.length] ?? '',
    fill: colour,
    stroke: 'var(--maestro-back)',
    'stroke-width': '0.3',
    transform: `scale(${half})`
  });
}

/** Gives a picture of a run's line by its place. */
export function lineSwatch(place: number): SVGElement {
  const { colour, dash } = styleOf(place);
  const swatch = svg('svg', { width: '30', height: '10', 'aria-hidden': 'true' });
  swatch.append(
    svg('line', {
      x1: '0',
      y1: '5',
      x2: '30',
      y2: '5',
      stroke: colour,
      'stroke-width': '2.5',
      'stroke-dasharray': dash.join(' ')
    })
  );
  return swatch;
}

/** Gives a picture of a run's point by its place. */
export function signSwatch(place: number): SVGElement {
  const swatch = svg('svg', { width: '14', height: '14', viewBox: '-7 -7 14 14', 'aria-hidden': 'true' });
  swatch.append(sign(place, 10));
  return swatch;
}

export class RunLegend {
  readonly element: HTMLElement;
  private stays: number | null = null;
  private active = 0;
  private runs: readonly ComparedRun[] = [];

  constructor(
    private readonly words: Words,
    private readonly swatch: (place: number) => SVGElement,
    /** Is told which run is pointed at; null where none is. */
    private readonly onPoint: (place: number | null) => void
  ) {
    this.element = el('div', {
      class: 'maestro-run-legend',
      role: 'toolbar',
      'aria-label': words.__('Runs'),
      onkeydown: this.onKey
    });
  }

  /** The place of the run that stays shown while none is pointed at. */
  get pinned(): number | null {
    return this.stays;
  }

  set(runs: readonly ComparedRun[]): void {
    const signature = (all: readonly ComparedRun[]): string =>
      JSON.stringify(all.map(({ id, name, status }) => [id, name, status]));
    if (signature(runs) === signature(this.runs)) return;
    this.runs = runs;
    keepingFocus(this.element, () => {
      this.element.replaceChildren(...runs.map((run, place) => this.button(run, place)));
      this.rove();
    });
  }

  private button({ id, name, status }: ComparedRun, place: number): HTMLElement {
    const point = (): void => {
      this.onPoint(place);
    };
    const leave = (): void => {
      this.onPoint(this.pinned);
    };
    const pin = (): void => {
      this.stays = this.stays === place ? null : place;
      for (const [each, button] of [...this.element.children].entries()) {
        button.setAttribute('aria-pressed', String(each === this.pinned));
      }
      this.onPoint(this.pinned);
    };
    const focus = (): void => {
      this.active = place;
      this.rove();
      point();
    };
    const { icon, word, style } = statusOf(status, this.words);
    const state = status === 'FINISHED' ? [] : [el('span', { class: style }, `${icon} ${word}`)];
    const pressed = String(this.pinned === place);
    const button = el('button', {
      type: 'button',
      'aria-pressed': pressed,
      title: name,
      [NAMED]: id,
      onclick: pin,
      onpointerenter: point,
      onpointerleave: leave,
      onfocus: focus,
      onblur: leave
    });
    button.append(
      this.swatch(place),
      el('span', { class: 'maestro-run' }, name),
      el('code', {}, id.slice(0, 8)),
      ...state
    );
    return button;
  }

  private rove(): void {
    for (const [place, button] of [...this.element.children].entries()) {
      button.setAttribute('tabindex', place === this.active ? '0' : '-1');
    }
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: this.active - 1,
      ArrowUp: this.active - 1,
      ArrowRight: this.active + 1,
      ArrowDown: this.active + 1,
      Home: 0,
      End: this.runs.length - 1
    };
    const place = moves[event.key];
    const button = place === undefined ? undefined : this.element.children[place];
    if (place !== undefined) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (button instanceof HTMLElement) button.focus();
  };
}
