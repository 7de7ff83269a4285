/** Lets one choose the axes of a picture, put them in order, and choose a range of each: all by keyboard, too. */
import { type Axis, type Range, saidAt } from './axes.js';
import { nameOf, type Trait } from './compared.js';
import { el } from './dom.js';
import { keepingFocus, NAMED } from './focus.js';
import { type Words } from './words.js';

/** One that can be an axis. */
export interface Candidate {
  trait: Trait;
  axis: Axis;
  isChosen: boolean;
  /** Whether it stays the last, as the one that all others are looked at for. */
  isLast: boolean;
  range: Range;
}

/** What is done to the axes. */
export interface Changes {
  onChoose: (name: string, isChosen: boolean) => void;
  /** It goes so many places to the right. */
  onMove: (name: string, by: number) => void;
  onRange: (name: string, range: Range) => void;
}

/** How many can be chosen from. */
const MOST = 300;

export class AxesChooser {
  readonly element: HTMLElement;
  private readonly list = el('ul', { class: 'maestro-axes' });
  private candidates: readonly Candidate[] = [];
  private signature = '';

  constructor(
    private readonly words: Words,
    private readonly changes: Changes
  ) {
    const title = words.__('Axes and ranges');
    this.element = el('details', { class: 'maestro-axes-box' }, el('summary', {}, title), this.list);
  }

  set(candidates: readonly Candidate[]): void {
    this.candidates = candidates.slice(0, MOST);
    const signature = JSON.stringify(
      this.candidates.map(({ trait, axis, isChosen, isLast }) => [
        nameOf(trait),
        axis.labels,
        axis.scale === 'category',
        isChosen,
        isLast
      ])
    );
    // What somebody types into stays as long as it can.
    if (signature !== this.signature) {
      this.signature = signature;
      keepingFocus(this.list, () => {
        this.list.replaceChildren(...this.candidates.map(this.item));
      });
    }
    this.showRanges();
  }

  /** Writes the ranges into their fields, but for the one that is written in. */
  private showRanges(): void {
    for (const [place, { axis, range }] of this.candidates.entries()) {
      const fields = this.list.children[place]?.querySelectorAll<HTMLInputElement | HTMLSelectElement>(
        'input[type=number], select'
      );
      for (const [end, field] of [...(fields ?? [])].entries()) {
        const value = end === 0 ? range.low : range.high;
        if (field !== document.activeElement) field.value = value === null ? '' : String(value);
        if (field instanceof HTMLInputElement)
          field.placeholder = saidAt(axis, end === 0 ? axis.low : axis.high);
      }
    }
  }

  private readonly item = (candidate: Candidate): HTMLElement => {
    const { words } = this;
    const { trait, isChosen, isLast } = candidate;
    const name = nameOf(trait);
    const box = el('input', { type: 'checkbox', [NAMED]: `choose ${name}`, disabled: isLast });
    box.checked = isChosen;
    box.addEventListener('change', () => {
      this.changes.onChoose(name, box.checked);
    });
    const title = isLast ? words.__('%1 (last)', trait.key) : trait.key;
    const label = el('label', { title: trait.key }, box, el('span', { class: 'maestro-run' }, title));
    const rest = isChosen ? [...this.ends(candidate), ...(isLast ? [] : this.movers(candidate))] : [];
    return el('li', {}, label, ...rest);
  };

  private ends({ trait, axis }: Candidate): HTMLElement[] {
    const name = nameOf(trait);
    const fields: (HTMLInputElement | HTMLSelectElement)[] = [];
    const take = (): void => {
      const [low, high] = fields.map(({ value }) => (value === '' ? null : Number(value)));
      this.changes.onRange(name, { low: low ?? null, high: high ?? null });
    };
    const labels = [this.words.__('%1 from', trait.key), this.words.__('%1 to', trait.key)];
    for (const [end, label] of labels.entries()) {
      const attributes = { 'aria-label': label, [NAMED]: `${String(end)} ${name}`, oninput: take };
      fields.push(
        axis.scale === 'category'
          ? el(
              'select',
              attributes,
              el('option', { value: '' }, '…'),
              ...axis.labels.map((text, at) => el('option', { value: String(at) }, text))
            )
          : el('input', { type: 'number', step: 'any', ...attributes })
      );
    }
    return fields;
  }

  private movers({ trait }: Candidate): HTMLElement[] {
    const { words } = this;
    const name = nameOf(trait);
    return [
      [-1, '←', words.__('Move %1 to the left', trait.key)] as const,
      [1, '→', words.__('Move %1 to the right', trait.key)] as const
    ].map(([by, text, label]) => {
      const onclick = (): void => {
        this.changes.onMove(name, by);
      };
      const attributes = { type: 'button', 'aria-label': label, title: label, [NAMED]: `${text} ${name}` };
      return el('button', { ...attributes, onclick }, text);
    });
  }
}
