/** Tabs, as screen readers and keyboards know them: arrow keys go from one to the next. */
import { el } from './dom.js';
import { newId } from './ids.js';

export interface Tab<Name extends string> {
  name: Name;
  label: string;
  panel: HTMLElement;
}

export class Tabs<Name extends string> {
  readonly element: HTMLElement;
  private readonly buttons: readonly HTMLButtonElement[];
  private shown: Name | undefined;

  constructor(
    private readonly tabs: readonly Tab<Name>[],
    label: string,
    private readonly onShow: (name: Name) => void
  ) {
    const own = newId();
    this.buttons = tabs.map(({ name, label: text, panel }) => {
      const id = `maestro-tab-${own}-${name}`;
      panel.id = `maestro-panel-${own}-${name}`;
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', id);
      const onclick = (): void => {
        this.show(name);
      };
      return el('button', { type: 'button', role: 'tab', id, 'aria-controls': panel.id, onclick }, text);
    });
    this.element = el(
      'div',
      { class: 'maestro-tablist', role: 'tablist', 'aria-label': label, onkeydown: this.onKey },
      ...this.buttons
    );
  }

  show(name: Name): void {
    this.shown = name;
    for (const [place, tab] of this.tabs.entries()) {
      const isShown = tab.name === name;
      tab.panel.hidden = !isShown;
      this.buttons[place]?.setAttribute('aria-selected', String(isShown));
      this.buttons[place]?.setAttribute('tabindex', isShown ? '0' : '-1');
    }
    this.onShow(name);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const last = this.tabs.length - 1;
    const at = this.tabs.findIndex(({ name }) => name === this.shown);
    const places: Readonly<Record<string, number>> = {
      ArrowLeft: at === 0 ? last : at - 1,
      ArrowRight: at === last ? 0 : at + 1,
      Home: 0,
      End: last
    };
    const place = places[event.key];
    const tab = place === undefined ? undefined : this.tabs[place];
    if (place === undefined || tab === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(tab.name);
    this.buttons[place]?.focus();
  };
}
