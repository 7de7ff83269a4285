/** Tells a view what has changed in the kernel's store, for as long as somebody looks on. */
import { Superseded } from './exchange.js';
import { type Host } from './mount.js';
import { poll } from './polling.js';

interface Changes {
  last: number;
  runs: string[];
  reset: boolean;
}

/** What follows. */
export interface Follower {
  isRunning: () => boolean;
  /** Is called first with everything, and then whenever a run has changed. */
  onChanged: (isChanged: (run: string) => boolean) => Promise<void>;
  onError: (error: unknown) => void;
}

const OFTEN = 2000;
const SELDOM = 5000;

/** Follows until the view is taken out. */
export async function follow(
  { exchange, seen, signal }: Pick<Host, 'exchange' | 'seen' | 'signal'>,
  { isRunning, onChanged, onError }: Follower
): Promise<void> {
  let after = -1;
  const ask = async (): Promise<void> => {
    const { last, runs, reset } = (await exchange.newestOf<Changes>('changes', { after })).said;
    const isFirst = after < 0;
    after = last;
    const changed = new Set(runs);
    if (isFirst || reset) await onChanged(() => true);
    else if (changed.size > 0) await onChanged(run => changed.has(run));
  };
  const asked = async (): Promise<void> => {
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof Superseded)) onError(error);
    }
  };
  await asked();
  await poll(asked, () => (isRunning() ? OFTEN : SELDOM), seen, signal);
}
