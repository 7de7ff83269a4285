/** Which rows of a long table stand in its window, and where: pure numbers. */

/** Browsers clip what is taller. */
export const TALLEST = 8_000_000;

/** A table of equally high rows, seen through a window. */
export interface Sight {
  /** How many rows there are. */
  total: number;
  /** How high each is, in pixels. */
  row: number;
  /** How high the window is. */
  window: number;
  /** How far it is scrolled. */
  scrolled: number;
}

/** Rows from `first` up to but not with `end`. */
export interface Span {
  first: number;
  end: number;
}

/** Gives how high the whole is. */
export function heightOf({ total, row }: Pick<Sight, 'total' | 'row'>): number {
  return Math.min(total * row, TALLEST);
}

/** Gives the rows that are seen, and `more` of them before and after. */
export function rowsIn(sight: Sight, more = 0): Span {
  const from = topRow(sight);
  const first = Math.max(0, Math.floor(from) - more);
  const end = Math.min(sight.total, Math.ceil(from + sight.window / sight.row) + more);
  return { first: Math.min(first, end), end };
}

/** Gives where a row stands in the whole. */
export function placeOf(index: number, sight: Sight): number {
  return sight.scrolled + (index - topRow(sight)) * sight.row;
}

/** Gives how far to scroll so that a row is seen whole; as it is if it is seen already. */
export function scrollTo(index: number, sight: Sight): number {
  const place = placeOf(index, sight);
  if (place < sight.scrolled) return scrolledFor(index, sight);
  const fits = sight.window / sight.row - 1;
  return place + sight.row > sight.scrolled + sight.window
    ? scrolledFor(index - fits, sight)
    : sight.scrolled;
}

/** The row at the window's upper edge: where not all rows have room, by the share that is scrolled. */
function topRow({ total, row, window, scrolled }: Sight): number {
  const rest = scrollable(total, row, window);
  return rest <= 0 ? 0 : (scrolled / rest) * (total - window / row);
}

function scrolledFor(top: number, { total, row, window }: Sight): number {
  const left = total - window / row;
  return left <= 0 ? 0 : Math.min(1, Math.max(0, top / left)) * scrollable(total, row, window);
}

function scrollable(total: number, row: number, window: number): number {
  return heightOf({ total, row }) - window;
}
