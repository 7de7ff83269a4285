/** Suggestions in the side panel: what of the library fits the notebook, and which models were tried in it. */
import {
  MaestroError,
  type ArtifactFits,
  type ArtifactVersion,
  type CardDocument,
  type MaestroClient
} from '../api/index.js';
import { el, say } from '../widgets/dom.js';
import { ago, many } from '../widgets/numbers.js';
import { codeIn, dataNames, notebookAtHand, suggestCode, type Cell } from './at_hand.js';
import { useCode } from './artifacts.js';
import { runLink } from './run_card.js';
import { queryOf } from './runs_list.js';
import { Settling } from './settling.js';
import { code } from '../widgets/tables.js';
import { toldOf, TRIED, TRIED_FIELDS, type TriedRun } from './tried.js';
import { insertButton } from './insert_button.js';
import { sentenceOf, type Words } from './words.js';

type Fit = ArtifactFits['fits'][number];

/** What is known of the current notebook. */
export interface AtHand {
  cells: Cell[];
  /** How its path is asked for. */
  pattern: string;
  /** Its path as it was recorded; empty while no kernel tells. */
  path: string;
  project: string;
  /** Whether its kernel has Maestro loaded. */
  isLoaded: boolean;
}

export interface SuggestionsHost {
  words: Words;
  client: Pick<MaestroClient, 'suggestArtifacts' | 'runFields' | 'card'>;
  /** Undefined where no notebook is current. */
  atHand: () => AtHand | undefined;
  onInsertArtifact: (artifact: ArtifactVersion) => void;
  onInsertCode: (source: string) => void;
  onOpen: (run: string) => void;
}

const MOST = 5;
/** How a card says that something is not known. */
const UNKNOWN = /^Not known\b/;
/** After how many milliseconds without a change it is looked again, and after how many at most. */
const SETTLED = 1500;
const LONGEST = 6000;

export class SuggestionsSection {
  readonly element: HTMLElement;
  private readonly said = el('div', { role: 'status', class: 'maestro-quiet' });
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly fits = el('ul', { class: 'maestro-fits' });
  private readonly models = el('div', { class: 'maestro-models' });
  private readonly tried = el('ul', { class: 'maestro-fits' });
  private readonly attempts: HTMLElement;
  private readonly page: HTMLElement;
  private asking = new AbortController();
  private readonly settling = new Settling(() => void this.look(), SETTLED, LONGEST);
  private readonly settlingRuns = new Settling(() => void this.lookAgainForTried(), SETTLED, LONGEST);
  /** What was looked for last. */
  private wanted = '';
  private offered = '';
  private shown = '';
  private isSeen = false;

  constructor(private readonly host: SuggestionsHost) {
    const { words } = host;
    const part = (title: string, ...content: Node[]): HTMLElement =>
      el('section', { 'aria-label': title }, el('h3', {}, title), ...content);
    this.attempts = el('div', { hidden: true }, el('h4', {}, words.__('Tried in this notebook')), this.tried);
    this.page = el(
      'div',
      { class: 'maestro-suggested', tabindex: '-1' },
      part(words.__('From the library'), this.said, this.fits),
      part(words.__('Models to try'), this.models, this.attempts)
    );
    this.element = el('div', { class: 'maestro-section maestro-suggestions' }, this.wrong, this.page);
  }

  /** Looks at once, as somebody looks on from here on; `hide` ends that. */
  async show(): Promise<void> {
    this.isSeen = true;
    await this.look();
  }

  hide(): void {
    this.isSeen = false;
    this.settling.stop();
    this.settlingRuns.stop();
  }

  /** Looks again a moment later: the notebook, or what is known of it, has changed. */
  changed(): void {
    if (this.isSeen) this.settling.changed();
  }

  /** Looks again for what was tried: a run has begun or ended. */
  ran(): void {
    if (this.isSeen) this.settlingRuns.changed();
  }

  focus(): void {
    this.page.focus();
  }

  close(): void {
    this.hide();
    this.asking.abort();
  }

  /** Gives the cell that asks for models, where the notebook says what its data are called. */
  modelCode(): string | undefined {
    const atHand = this.host.atHand();
    if (atHand === undefined) return undefined;
    const names = dataNames(codeIn(atHand.cells));
    return names === undefined ? undefined : suggestCode(names, atHand.isLoaded);
  }

  private async look(): Promise<void> {
    const atHand = this.host.atHand();
    this.offerModels();
    const wanted = JSON.stringify(atHand ?? null);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    if (atHand === undefined) this.showNothing();
    else {
      await this.act(
        async () => Promise.all([this.lookInLibrary(atHand, signal), this.lookForTried(atHand, signal)]),
        signal
      );
    }
  }

  private async lookAgainForTried(): Promise<void> {
    const atHand = this.host.atHand();
    const { signal } = this.asking;
    if (atHand !== undefined) await this.act(async () => this.lookForTried(atHand, signal), signal);
  }

  private async act(ask: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    try {
      await ask();
      say(this.wrong, '');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof MaestroError)) throw error;
      // It is asked again as soon as anything changes.
      this.wanted = '';
      say(this.said, '');
      say(this.wrong, sentenceOf(error));
    }
  }

  private async lookInLibrary(atHand: AtHand, signal: AbortSignal): Promise<void> {
    const { words, client } = this.host;
    const question = notebookAtHand(atHand.cells, {
      project: atHand.project,
      notebook: atHand.path,
      n: MOST
    });
    if (question === undefined) {
      this.fits.replaceChildren();
      say(this.said, words.__('The notebook is empty: there is nothing to go by yet.'));
      return;
    }
    if (this.fits.childElementCount === 0) say(this.said, words.__('Looking for what fits…'));
    const found = await client.suggestArtifacts(question, { signal });
    say(this.said, this.countOf(found));
    // What is the same stays: one of them may be open, or have the focus.
    const shown = JSON.stringify(found.fits.map(({ artifact, reasons }) => [artifact, reasons]));
    if (shown === this.shown && this.fits.childElementCount > 0) return;
    this.shown = shown;
    this.fits.replaceChildren(...found.fits.map(fit => this.item(fit)));
  }

  private countOf({ fits, looked, note }: ArtifactFits): string {
    const { words } = this.host;
    if (fits.length === 0) return words.__('Nothing that the library holds fits this notebook.');
    const said = words.__('%1 of %2, the best first.', fits.length, many(looked, 'artifact'));
    return `${said} ${note}`.trim();
  }

  private item({ artifact, reasons, impact, usage }: Fit): HTMLElement {
    const { words, onInsertArtifact } = this.host;
    const reference = `${artifact.name}:${String(artifact.version)}`;
    const insert = insertButton(artifact, words, onInsertArtifact);
    const contributed =
      impact.status === 'estimated'
        ? impact.reason
        : words.__('What it contributes is unknown: %1', impact.reason.replace(/^Unknown: /, ''));
    const used =
      usage.last === null
        ? words.__('Nobody has used it yet.')
        : words.__('Used by %1, last %2.', many(usage.runs, 'run'), ago(Date.parse(usage.last), Date.now()));
    return el(
      'li',
      { class: 'maestro-fit', 'data-artifact': artifact.name },
      el('div', { class: 'maestro-run-line' }, el('span', { class: 'maestro-run-name' }, reference), insert),
      el('div', { class: 'maestro-run-facts' }, [artifact.type, ...artifact.tags].join(' · ')),
      ...(artifact.description === ''
        ? []
        : [el('div', { class: 'maestro-description' }, artifact.description)]),
      el('ul', { class: 'maestro-reasons' }, ...reasons.map(reason => el('li', {}, reason))),
      this.preview(artifact, reference, [contributed, used])
    );
  }

  /** Gives what is told of an artifact on demand: what would be inserted, and what its card knows. */
  private preview(artifact: ArtifactVersion, reference: string, facts: readonly string[]): HTMLElement {
    const { words, client } = this.host;
    const body = el(
      'div',
      {},
      code(useCode(artifact), words.__('The cell that uses %1', reference)),
      ...facts.map(fact => el('p', {}, fact))
    );
    const summary = el('summary', { 'aria-label': words.__('Preview %1', reference) }, words.__('Preview'));
    const details = el('details', {}, summary, body);
    const read = async (): Promise<void> => {
      const { sections } = await client.card(artifact.name, artifact.version);
      for (const { title, lines } of knownOf(sections, artifact.description)) {
        body.append(el('h4', {}, title), ...lines.map(line => el('p', { class: 'maestro-text' }, line)));
      }
    };
    details.addEventListener(
      'toggle',
      () => {
        read().catch((error: unknown) => {
          if (!(error instanceof MaestroError)) throw error;
          body.append(el('p', { class: 'maestro-wrong' }, sentenceOf(error)));
        });
      },
      { once: true }
    );
    return details;
  }

  /** Offers the question for models; the panel sees no data, so only the kernel can answer it. */
  private offerModels(): void {
    const { words, onInsertCode } = this.host;
    const asks = this.modelCode();
    const offered = asks ?? '';
    if (offered === this.offered && this.models.childElementCount > 0) return;
    this.offered = offered;
    if (asks === undefined) {
      const said = words.__(
        'Run %maestro suggest with the names of a table and of its target: the kernel says which models to try on them, what to expect of each, and why.'
      );
      this.models.replaceChildren(el('p', {}, said));
      return;
    }
    const onclick = (): void => {
      onInsertCode(this.modelCode() ?? asks);
    };
    const question = asks.split('\n').at(-1) ?? asks;
    this.models.replaceChildren(
      el('p', {}, words.__('The kernel has the data: a cell asks it which models to try on them.')),
      el(
        'div',
        { class: 'maestro-bar' },
        el(
          'button',
          { type: 'button', onclick, 'aria-label': words.__('Insert %1', question) },
          words.__('Insert')
        ),
        el('code', {}, question)
      )
    );
  }

  private async lookForTried(atHand: AtHand, signal: AbortSignal): Promise<void> {
    const { words, client, onOpen } = this.host;
    const query = { ...queryOf({ kind: 'notebook', pattern: atHand.pattern }, TRIED), limit: MOST };
    const { items } = await client.runFields(TRIED_FIELDS, query, { signal });
    const focused = [...this.tried.querySelectorAll('button')].findIndex(
      button => button === document.activeElement
    );
    this.tried.replaceChildren(
      ...(items as TriedRun[]).map(run => {
        const { forecast, outcome, style } = toldOf(run, words);
        return el(
          'li',
          { class: 'maestro-fit' },
          runLink(run, { onRun: onOpen }, words),
          el('div', {}, forecast),
          el('div', { class: style }, outcome),
          el('div', { class: 'maestro-quiet' }, ago(Date.parse(run.start_time), Date.now()))
        );
      })
    );
    this.attempts.hidden = items.length === 0;
    this.tried.querySelectorAll('button')[focused]?.focus();
  }

  private showNothing(): void {
    this.fits.replaceChildren();
    this.tried.replaceChildren();
    this.attempts.hidden = true;
    say(this.said, this.host.words.__('No notebook is open.'));
  }
}

/** Gives what the sections of a card know, without what is said beside it already. */
function knownOf(
  sections: CardDocument['sections'],
  description: string
): { title: string; lines: string[] }[] {
  return sections
    .map(({ title, said, text }) => ({
      title,
      lines: [...said, text].filter(line => line !== '' && line !== description && !UNKNOWN.test(line))
    }))
    .filter(({ lines }) => lines.length > 0);
}
