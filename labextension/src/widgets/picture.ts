/** Texts of a picture, cut to the room that they have. */
import { svg } from './dom.js';

/** About how wide a letter is, in pixels. */
const LETTER = 6.2;

interface Placed {
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
  style: string;
  /** How wide it may be, in pixels. */
  room: number;
  /** How many degrees it is turned. */
  turn?: number;
}

/** Gives a text at a place; what is cut off can be read where a pointer rests. */
export function label(text: string, { x, y, anchor, style, room, turn = 0 }: Placed): SVGElement {
  const made = svg('text', {
    x: x.toFixed(1),
    y: y.toFixed(1),
    'text-anchor': anchor,
    class: style,
    ...(turn === 0 ? {} : { transform: `rotate(${String(turn)})` })
  });
  const letters = Math.max(3, Math.floor(room / LETTER));
  made.textContent = text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
  if (text.length > letters) {
    const whole = svg('title');
    whole.textContent = text;
    made.append(whole);
  }
  return made;
}
