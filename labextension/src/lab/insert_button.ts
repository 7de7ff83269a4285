/** The button that puts what uses an artifact into the notebook. */
import { el } from '../widgets/dom.js';
import type { ArtifactVersion } from '../api/index.js';
import type { Words } from './words.js';

/** Gives the button; it tells which artifact is wanted. */
export function insertButton(
  artifact: ArtifactVersion,
  words: Words,
  onInsert: (artifact: ArtifactVersion) => void
): HTMLButtonElement {
  const onclick = (): void => {
    onInsert(artifact);
  };
  const label = words.__('Insert %1', `${artifact.name}:${String(artifact.version)}`);
  const title = words.__('Put a cell that uses it below the current one');
  return el('button', { type: 'button', 'aria-label': label, title, onclick }, words.__('Insert'));
}
