/** Puts cells into the current notebook. */
import { Notification } from '@jupyterlab/apputils';
import { NotebookActions, type INotebookTracker } from '@jupyterlab/notebook';
import type { Words } from './words.js';

/** Puts a code cell below the active one and makes it active; says so where no notebook is open. */
export function insertBelow(tracker: INotebookTracker, source: string, words: Words): void {
  const panel = tracker.currentWidget;
  if (panel === null) {
    Notification.warning(words.__('Open a notebook first: the cell is put below its active one.'), {
      autoClose: 5000
    });
    return;
  }
  const { content } = panel;
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(source);
  content.mode = 'command';
  content.activate();
}
