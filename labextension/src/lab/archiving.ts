/** Puts runs away, so that lists leave them out, and takes them back. */
import { Notification } from '@jupyterlab/apputils';
import { MaestroError } from '../api/index.js';
import { sentenceOf } from './words.js';
import type { IMaestro } from './token.js';

/** Puts runs away, or takes them back; says so, with a way back. */
export async function archive(maestro: IMaestro, runs: readonly string[], archived: boolean): Promise<void> {
  const { client, words } = maestro;
  try {
    for (const run of runs) await client.editRun(run, { tags: {}, note: '', archived });
  } catch (error) {
    if (!(error instanceof MaestroError)) throw error;
    Notification.error(sentenceOf(error), { autoClose: 8000 });
    return;
  }
  const count = runs.length;
  const number = count.toLocaleString();
  if (!archived) {
    Notification.info(
      words._n('%2 run is back in the lists.', '%2 runs are back in the lists.', count, number),
      {
        autoClose: 5000
      }
    );
    return;
  }
  Notification.info(words._n('%2 run was put away.', '%2 runs were put away.', count, number), {
    autoClose: 10_000,
    actions: [{ label: words.__('Undo'), callback: () => void archive(maestro, runs, false) }]
  });
}
