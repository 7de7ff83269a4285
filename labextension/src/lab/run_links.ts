/** Lets the keyboard reach the links to runs in outputs, which have no address: only JupyterLab can open them. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const LINK = '.maestro-run-link[data-commandlinker-command]';

export const runLinks: JupyterFrontEndPlugin<void> = {
  id: 'maestro-jupyter:run-links',
  description: 'Lets the keyboard reach the links to runs in outputs.',
  autoStart: true,
  activate: () => {
    // On the window, so that it comes before the focus has moved and before JupyterLab's own shortcuts.
    window.addEventListener(
      'keydown',
      event => {
        if (event.key === 'Tab') makeReachable();
        if (event.key !== 'Enter' || !(event.target instanceof HTMLElement)) return;
        if (!event.target.matches(LINK)) return;
        event.preventDefault();
        event.stopPropagation();
        event.target.click();
      },
      { capture: true }
    );
  }
};

/** Outputs come and go at any time: the links are looked for when somebody is about to need them. */
function makeReachable(): void {
  for (const link of document.querySelectorAll<HTMLElement>(LINK)) {
    link.tabIndex = 0;
    link.setAttribute('role', 'link');
  }
}
