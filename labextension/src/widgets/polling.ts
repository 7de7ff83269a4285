/** Asks again and again while somebody looks on, never twice at once. */

/** Calls `ask` every so many milliseconds until the signal; how many is asked for each time. */
export async function poll(
  ask: () => Promise<void>,
  pause: () => number,
  seen: () => boolean,
  signal: AbortSignal
): Promise<void> {
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, pause()));
    if (signal.aborted) return;
    if (seen()) await ask();
  }
}
