/** Puts code into the notebook: JupyterLab's extension does so where it is there; the clipboard elsewhere. */

/** What asks for it; whoever inserts the code calls `preventDefault`. */
export const INSERT = 'maestro:insert';

/** Inserts code below the cell of an element, or copies it; says in one sentence what was done. */
export async function insert(source: string, from: Element): Promise<string> {
  const asked = new CustomEvent(INSERT, {
    bubbles: true,
    cancelable: true,
    composed: true,
    detail: { source }
  });
  if (!from.dispatchEvent(asked)) return 'The code is in the cell below.';
  try {
    await navigator.clipboard.writeText(source);
    return 'The code is copied: paste it into a cell.';
  } catch {
    return 'The code cannot be copied here: open it, and copy it by hand.';
  }
}
