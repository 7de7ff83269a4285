/** A curve in the space of a word. */
import { svg } from './dom.js';

const WIDTH = 64;
const HEIGHT = 16;
const EDGE = 2;

/** Gives a picture of values; one that is not finite is a gap. */
export function sparkline(values: ArrayLike<number>, label: string): SVGElement {
  const drawn = svg('svg', {
    width: String(WIDTH),
    height: String(HEIGHT),
    viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`,
    role: 'img',
    'aria-label': label
  });
  drawn.append(
    svg('path', {
      d: pathOf(values),
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '1.2',
      'stroke-linejoin': 'round'
    })
  );
  return drawn;
}

/** Gives the path of values. */
export function pathOf(values: ArrayLike<number>): string {
  const known = Array.from(values).filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const across = (WIDTH - 2 * EDGE) / Math.max(1, values.length - 1);
  let path = '';
  let pen = 'M';
  for (let place = 0; place < values.length; place++) {
    const value = values[place] ?? NaN;
    if (!Number.isFinite(value)) {
      pen = 'M';
      continue;
    }
    // Halved first, so that no difference overflows.
    const reach = high / 2 - low / 2;
    const share = reach > 0 ? (value / 2 - low / 2) / reach : 0.5;
    const y = HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE);
    path += `${pen}${(EDGE + place * across).toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  }
  return path;
}
