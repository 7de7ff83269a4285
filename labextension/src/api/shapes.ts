/** Numbers that JSON cannot say: NaN and the infinities come as texts, where the document says number. */

import { SHAPES } from './schema.js';

/** Where in a value numbers stand: it is one, each item is of a shape, some parts are, or it is of a known kind. */
export type Shape = 'number' | { each: Shape } | { parts: Record<string, Shape> } | { of: string };

/** How to ask for something, and where numbers stand in what is answered. */
export interface Operation {
  verb: string;
  /** Below the interface's root, with parameters in braces. */
  path: string;
  shape?: Shape;
}

const NOT_FINITE: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

/** Gives a value as it was meant: with numbers where the shape says so. Texts elsewhere stay texts. */
export function decoded(value: unknown, shape: Shape): unknown {
  if (shape === 'number') return typeof value === 'string' ? (NOT_FINITE[value] ?? value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if ('of' in shape) {
    const known = SHAPES[shape.of];
    return known === undefined ? value : decoded(value, known);
  }
  const shapeOf = (key: string): Shape | undefined =>
    'each' in shape ? shape.each : ownPart(shape.parts, key);
  if (Array.isArray(value)) return value.map((item, place) => decodedPart(item, shapeOf(String(place))));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, decodedPart(item, shapeOf(key))])
  );
}

function decodedPart(value: unknown, shape: Shape | undefined): unknown {
  return shape === undefined ? value : decoded(value, shape);
}

function ownPart(parts: Record<string, Shape>, key: string): Shape | undefined {
  return Object.hasOwn(parts, key) ? parts[key] : undefined;
}
