/** The dashboard's pictures: bars of days, and the steps of the best so far. */
import { svg } from '../widgets/dom.js';
import { shown } from '../widgets/numbers.js';
import type { BestSoFar, RunHistory } from '../api/index.js';
import type { Words } from './words.js';

type Day = RunHistory['days'][number];
type Best = BestSoFar['steps'][number];

const WIDTH = 560;
const HEIGHT = 150;
const LEFT = 44;
const BOTTOM = 20;
const TOP = 8;

/** Gives the bars of days: what ended badly stands on top, hatched, so that not the colour alone tells it. */
export function dayBars(days: readonly Day[], words: Words): SVGElement {
  const most = Math.max(1, ...days.map(({ finished, unwell, running }) => finished + unwell + running));
  const total = days.reduce((sum, { finished, unwell, running }) => sum + finished + unwell + running, 0);
  const picture = canvas(
    words._n(
      '%2 runs on %1 day, at most %3 a day',
      '%2 runs on %1 days, at most %3 a day',
      days.length,
      total,
      most
    )
  );
  const pattern = svg('pattern', {
    id: 'maestro-hatch',
    width: '5',
    height: '5',
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)'
  });
  pattern.append(
    svg('rect', { width: '5', height: '5', class: 'maestro-chart-bad' }),
    svg('rect', { width: '2', height: '5', class: 'maestro-chart-hatch' })
  );
  const defs = svg('defs');
  defs.append(pattern);
  picture.append(defs, ...axis([0, most], value => yOf(value, 0, most)));
  const step = (WIDTH - LEFT) / Math.max(days.length, 14);
  for (const [place, { date, finished, unwell, running }] of days.entries()) {
    const group = svg('g');
    const title = svg('title');
    title.textContent = `${date}: ${words.__('%1 finished, %2 failed or killed, %3 running', finished, unwell, running)}`;
    group.append(title);
    let base = 0;
    for (const [count, style, fill] of [
      [finished, 'maestro-chart-good', ''],
      [running, 'maestro-chart-busy', ''],
      [unwell, '', 'url(#maestro-hatch)']
    ] as const) {
      if (count === 0) continue;
      const y = yOf(base + count, 0, most);
      group.append(
        svg('rect', {
          x: (LEFT + place * step + 1).toFixed(1),
          y: y.toFixed(1),
          width: Math.max(1, step - 2).toFixed(1),
          height: (yOf(base, 0, most) - y).toFixed(1),
          ...(fill === '' ? { class: style } : { fill })
        })
      );
      base += count;
    }
    picture.append(group);
  }
  picture.append(label(days[0]?.date ?? '', LEFT, HEIGHT - 5, 'start'));
  if (days.length > 1) {
    picture.append(
      label(days.at(-1)?.date ?? '', Math.max(LEFT + days.length * step, LEFT + 150), HEIGHT - 5, 'end')
    );
  }
  return picture;
}

/** Gives the steps of the best value so far. */
export function bestSteps(steps: readonly Best[], until: number, metric: string, words: Words): SVGElement {
  const best = steps.map(({ start_time, ...step }) => ({ ...step, time: Date.parse(start_time) }));
  const values = best.map(({ value }) => value);
  const [low, high] = spread(Math.min(...values), Math.max(...values));
  const first = best[0]?.time ?? until;
  const x = (time: number): number =>
    LEFT + 4 + ((time - first) / Math.max(1, until - first)) * (WIDTH - LEFT - 12);
  const y = (value: number): number => yOf(value, low, high);
  const picture = canvas(
    words.__('The best %1 went from %2 to %3', metric, shown(values[0]), shown(values.at(-1)))
  );
  const path = best.map(({ time, value }, place) =>
    place === 0
      ? `M${x(time).toFixed(1)} ${y(value).toFixed(1)}`
      : `H${x(time).toFixed(1)}V${y(value).toFixed(1)}`
  );
  picture.append(
    ...axis([low, high], y),
    svg('path', { d: `${path.join('')}H${String(WIDTH - 8)}`, class: 'maestro-chart-line', fill: 'none' })
  );
  for (const { time, value, name } of best) {
    const point = svg('circle', {
      cx: x(time).toFixed(1),
      cy: y(value).toFixed(1),
      r: '3',
      class: 'maestro-chart-point'
    });
    const title = svg('title');
    title.textContent = `${name}: ${shown(value)} (${new Date(time).toLocaleString()})`;
    point.append(title);
    picture.append(point);
  }
  picture.append(
    label(new Date(first).toLocaleDateString(), LEFT, HEIGHT - 5, 'start'),
    label(new Date(until).toLocaleDateString(), WIDTH - 8, HEIGHT - 5, 'end')
  );
  return picture;
}

function spread(low: number, high: number): [number, number] {
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function yOf(value: number, low: number, high: number): number {
  return HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
}

function canvas(said: string): SVGElement {
  return svg('svg', {
    viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`,
    class: 'maestro-drawing',
    role: 'img',
    'aria-label': said
  });
}

function axis(values: readonly number[], y: (value: number) => number): SVGElement[] {
  return values.flatMap(value => [
    svg('line', {
      x1: String(LEFT),
      x2: String(WIDTH),
      y1: y(value).toFixed(1),
      y2: y(value).toFixed(1),
      class: 'maestro-chart-axis'
    }),
    label(shown(value), LEFT - 6, y(value) + 4, 'end')
  ]);
}

function label(text: string, x: number, y: number, anchor: 'start' | 'end'): SVGElement {
  const made = svg('text', {
    x: x.toFixed(1),
    y: y.toFixed(1),
    'text-anchor': anchor,
    class: 'maestro-chart-label'
  });
  made.textContent = text;
  return made;
}
