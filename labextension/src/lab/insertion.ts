/** Puts what a widget has to insert into a cell below the one whose output shows the widget. */
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { INSERT } from '../widgets/inserting.js';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

/** Inserts a source below the cell that an element is in; says whether it is in one. */
function insertAround(tracker: INotebookTracker, from: Node, source: string): boolean {
  const content = tracker.find(({ node }) => node.contains(from))?.content;
  const place = content?.widgets.findIndex(({ node }) => node.contains(from)) ?? -1;
  if (content === undefined || place < 0) return false;
  content.activeCellIndex = place;
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(source);
  return true;
}

export const insertion: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:insertion',
  description: 'Puts what a widget has to insert into a cell below it.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app, tracker: INotebookTracker) => {
    document.addEventListener(INSERT, event => {
      const { detail, target } = event as CustomEvent<{ source: string }>;
      if (target instanceof Node && insertAround(tracker, target, detail.source)) event.preventDefault();
    });
  }
};
