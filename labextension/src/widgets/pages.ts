/** The pages of a long list that were fetched, the latest of them kept. */
import { type Span } from './windows.js';

/** How many rows are fetched at once. */
export const PAGE = 60;
const KEPT = 80;

/** Rows by their places. */
export class Pages<Row> {
  private readonly pages = new Map<number, readonly Row[]>();

  /** Gives a row; undefined where its page was not fetched. */
  row(index: number): Row | undefined {
    const page = Math.floor(index / PAGE);
    return this.pages.get(page)?.[index - page * PAGE];
  }

  /** Gives what has to be fetched so that rows are there; undefined if they are. */
  missing({ first, end }: Span): { offset: number; limit: number } | undefined {
    let from: number | undefined;
    let until = 0;
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page++) {
      if (this.pages.has(page)) continue;
      from ??= page;
      until = page + 1;
    }
    return from === undefined ? undefined : { offset: from * PAGE, limit: (until - from) * PAGE };
  }

  /** Keeps what was answered for `limit` rows from `offset` on; where the list ends sooner, that is known. */
  put(offset: number, limit: number, rows: readonly Row[]): void {
    for (let at = 0; at < limit; at += PAGE) {
      const page = (offset + at) / PAGE;
      this.pages.delete(page);
      this.pages.set(page, rows.slice(at, at + PAGE));
    }
    for (const page of this.pages.keys()) {
      if (this.pages.size <= KEPT) break;
      this.pages.delete(page);
    }
  }

  /** Gives all rows that are kept, of the first page first. */
  all(): Row[] {
    return [...this.pages.entries()].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  }

  clear(): void {
    this.pages.clear();
  }
}
