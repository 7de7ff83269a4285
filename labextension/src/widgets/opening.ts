/** Opens notebooks: JupyterLab's extension does so where it is there; elsewhere the path is copied. */

/** What asks for it; whoever opens the notebook calls `preventDefault`. */
export const OPEN = 'maestro:open-notebook';

/** Opens the notebook at a recorded path, or copies the path; says in one sentence what was done. */
export async function openNotebook(path: string, from: Element): Promise<string> {
  const asked = new CustomEvent(OPEN, { bubbles: true, cancelable: true, composed: true, detail: { path } });
  if (!from.dispatchEvent(asked)) return '';
  try {
    await navigator.clipboard.writeText(path);
    return `The path is copied: ${path}`;
  } catch {
    return `The notebook is ${path}`;
  }
}
