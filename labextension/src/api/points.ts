/** A metric's points as the server packs them: all steps, then all times, then all values, little-endian. */

import { unreadable } from './errors.js';
import type { Content } from './exchange.js';

/** Points of a metric. Steps and times (microseconds since 1970, UTC) are exact up to 2^53. */
export interface Points {
  steps: Float64Array;
  times: Float64Array;
  values: Float64Array;
  /** How many points the metric has in all. */
  total: number;
}

const POINT = 24;
const NUMBER = 8;

/** Gives the points that an answer holds. */
export function unpacked({ bytes, headers }: Content): Points {
  const total = headers.get('X-Maestro-Total');
  if (total === null || bytes.byteLength % POINT !== 0) {
    throw unreadable(200, `${String(bytes.byteLength)} bytes of ${String(total)} points`);
  }
  const view = new DataView(bytes);
  const count = bytes.byteLength / POINT;
  const integer = (place: number): number => Number(view.getBigInt64(place * NUMBER, true));
  const float = (place: number): number => view.getFloat64(place * NUMBER, true);
  return {
    steps: Float64Array.from({ length: count }, (_, place) => integer(place)),
    times: Float64Array.from({ length: count }, (_, place) => integer(count + place)),
    values: Float64Array.from({ length: count }, (_, place) => float(2 * count + place)),
    total: Number(total)
  };
}
