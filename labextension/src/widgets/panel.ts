/** What is shown under a widget when it is asked for: an answer, or a form. */
import { el, onEnter } from './dom.js';
import { nodesOf } from './markup.js';

export class Panel {
  readonly element = el('section', { class: 'maestro-panel', hidden: true, tabindex: '-1' });
  private before: Element | null = null;
  private shown: AbortController | undefined;

  constructor() {
    this.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') this.close();
    });
  }

  /** Shows a view's static markup. */
  show(title: string, markup: string): void {
    this.open(title, el('div', { class: 'maestro-view' }, nodesOf(markup)));
    this.element.focus();
  }

  /** Shows what `fill` fills an element with, until the signal that it is given. */
  live(title: string, fill: (root: HTMLElement, signal: AbortSignal) => void): void {
    const root = el('div');
    this.open(title, root);
    const shown = new AbortController();
    this.shown = shown;
    fill(root, shown.signal);
    this.element.focus();
  }

  /** Asks for some texts, one for each label, and gives them to `onDone`. */
  ask(title: string, labels: readonly string[], onDone: (texts: string[]) => void): void {
    const fields = labels.map(label =>
      el('input', { type: 'text', 'aria-label': label, placeholder: label })
    );
    const save = (): void => {
      const empty = fields.find(({ value }) => value.trim() === '');
      if (empty === undefined) onDone(fields.map(({ value }) => value));
      else empty.focus();
    };
    for (const field of fields) onEnter(field, save);
    const button = el('button', { type: 'button', onclick: save }, 'Save');
    this.open(title, el('div', { class: 'maestro-form', role: 'group' }, ...fields, button));
    fields[0]?.focus();
  }

  close(): void {
    this.shown?.abort();
    this.element.hidden = true;
    this.element.replaceChildren();
    if (this.before instanceof HTMLElement) this.before.focus({ preventScroll: true });
  }

  private open(title: string, content: Node): void {
    this.shown?.abort();
    this.before = document.activeElement;
    const close = el(
      'button',
      {
        type: 'button',
        onclick: () => {
          this.close();
        }
      },
      'Close'
    );
    const head = el(
      'div',
      { class: 'maestro-panel-head' },
      el('span', { class: 'maestro-title' }, title),
      close
    );
    this.element.replaceChildren(head, content);
    this.element.setAttribute('aria-label', title);
    this.element.hidden = false;
  }
}
