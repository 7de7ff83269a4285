/** The library in the side panel: found as one types, looked at, inserted and dragged into a notebook. */
import { MaestroError, type ArtifactVersion, type Found, type MaestroClient } from '../api/index.js';
import { sleep } from '../api/waiting.js';
import { el, say } from '../widgets/dom.js';
import { insertButton } from './insert_button.js';
import { sentenceOf, type Words } from './words.js';

const FOUND = 30;
const TYPED = 200;
/** How far a pointer moves before something is dragged, in pixels. */
const DRAGGED = 5;

export interface LibraryHost {
  words: Words;
  client: Pick<MaestroClient, 'searchArtifacts'>;
  onInsert: (artifact: ArtifactVersion) => void;
  onDrag: (artifact: ArtifactVersion, event: PointerEvent) => void;
}

export class LibrarySection {
  readonly element: HTMLElement;
  private readonly box: HTMLInputElement;
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly list = el('ul', { class: 'maestro-parts' });
  private readonly said = el('div', { role: 'status', class: 'maestro-quiet' });
  private asking = new AbortController();

  constructor(private readonly host: LibraryHost) {
    const { words } = host;
    this.box = el('input', {
      type: 'search',
      class: 'maestro-filter',
      placeholder: words.__('Search the library'),
      'aria-label': words.__('Search the library'),
      oninput: () => void this.search(TYPED)
    });
    this.element = el(
      'div',
      { class: 'maestro-section maestro-library' },
      el('div', { class: 'maestro-bar' }, this.box),
      this.wrong,
      this.said,
      this.list
    );
  }

  /** Searches for what is typed, a moment later, so that not every letter is asked for. */
  async search(pause = 0): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      await sleep(pause, signal);
      const found = await this.host.client.searchArtifacts({ q: this.box.value, limit: FOUND }, { signal });
      this.show(found.hits);
      say(this.said, this.countOf(found.total, found.note));
      say(this.wrong, '');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof MaestroError)) throw error;
      say(this.wrong, sentenceOf(error));
    }
  }

  focus(): void {
    this.box.focus();
  }

  close(): void {
    this.asking.abort();
  }

  /** Puts what was found into the list, and the focus back where its artifact is still there. */
  private show(hits: Found['hits']): void {
    const focused = this.list.querySelector<HTMLElement>('li:focus-within')?.dataset['artifact'];
    const items = hits.map(({ artifact, why }) => this.item(artifact, why));
    this.list.replaceChildren(...items);
    const again = items.find(item => focused !== undefined && item.dataset['artifact'] === focused);
    again?.querySelector('button')?.focus();
  }

  private countOf(total: number, note: string): string {
    const { words } = this.host;
    if (total === 0 && this.box.value === '') {
      return words.__('The library is empty. Put something in with maestro.register(…) or %maestro promote.');
    }
    return `${words._n('%2 part', '%2 parts', total, total.toLocaleString())}${note === '' ? '' : ` · ${note}`}`;
  }

  private item(artifact: ArtifactVersion, why: readonly string[]): HTMLElement {
    const { words, onInsert } = this.host;
    const reference = `${artifact.name}:${String(artifact.version)}`;
    const insert = insertButton(artifact, words, onInsert);
    const item = el(
      'li',
      { class: 'maestro-part-item', title: why.join('\n'), 'data-artifact': artifact.name },
      el('div', { class: 'maestro-run-line' }, el('span', { class: 'maestro-run-name' }, reference), insert),
      el(
        'div',
        { class: 'maestro-run-facts' },
        [artifact.type, artifact.project, ...artifact.tags].join(' · ')
      ),
      ...(artifact.description === ''
        ? []
        : [el('div', { class: 'maestro-description' }, artifact.description)])
    );
    item.addEventListener('pointerdown', start => {
      if (start.button === 0 && start.target instanceof Element && start.target.closest('button') === null) {
        this.dragged(artifact, start);
      }
    });
    return item;
  }

  /** Waits until the pointer has moved so far that it means to drag. */
  private dragged(artifact: ArtifactVersion, start: PointerEvent): void {
    const watching = new AbortController();
    const { signal } = watching;
    const onMove = (event: PointerEvent): void => {
      if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < DRAGGED) return;
      watching.abort();
      this.host.onDrag(artifact, event);
    };
    const stop = (): void => {
      watching.abort();
    };
    document.addEventListener('pointermove', onMove, { signal });
    document.addEventListener('pointerup', stop, { signal });
    start.preventDefault();
  }
}
