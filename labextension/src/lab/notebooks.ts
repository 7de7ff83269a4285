/** Opens the notebooks that runs were made in. */
import { Notification } from '@jupyterlab/apputils';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IMaestro } from './token.js';

/** Opens the notebook that a run was made in, where it lies below the server's root. */
export async function openNotebook(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  { words }: IMaestro,
  recorded: string
): Promise<void> {
  const { contents } = app.serviceManager;
  const root = (await contents.get('')).content as { name: string }[];
  const names = new Set(root.map(({ name }) => name));
  const parts = recorded.split('/');
  for (let from = 1; from < parts.length; from++) {
    if (!names.has(parts[from] ?? '')) continue;
    const path = parts.slice(from).join('/');
    try {
      await contents.get(path, { content: false });
    } catch {
      continue;
    }
    const open = tracker.find(({ context }) => contents.localPath(context.path) === path);
    // Notebook 7 would close the one that is open here, and open it in another tab of the browser.
    if (open !== undefined) app.shell.activateById(open.id);
    else await app.commands.execute('docmanager:open', { path });
    return;
  }
  Notification.warning(words.__('The notebook is not below the folder that JupyterLab shows.'), {
    autoClose: 5000
  });
}
