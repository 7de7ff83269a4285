/** How long to wait before something is tried again, and waiting that can be broken off. */

/** How fast live events are gone after, in milliseconds. */
export interface Pace {
  /** Before the second try, about. */
  first: number;
  /** Between two tries, at most. */
  longest: number;
  /** Between two questions where there is no WebSocket. */
  poll: number;
  /** For the first word over a WebSocket, which a proxy may keep back. */
  ready: number;
}

export const PACE: Pace = { first: 500, longest: 60_000, poll: 2_000, ready: 10_000 };

/**
 * Gives how long to wait after some failures in a row: twice as long each time, up to the longest.
 *
 * `chance`, from 0 to 1, takes away up to half of it, so that all tabs do not come back at once.
 */
export function delay(
  failures: number,
  chance: number,
  { first, longest }: Pick<Pace, 'first' | 'longest'> = PACE
): number {
  return Math.min(longest, first * 2 ** (failures - 1)) * (1 - chance / 2);
}

/** Waits; throws the signal's reason once it is broken off. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    function stop(): void {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    }
    signal?.addEventListener('abort', stop, { once: true });
  });
}
