/** The tables, texts and titles that run cards and comparisons are made of. */
import { el, type Child } from './dom.js';
import { shown, type Value } from './numbers.js';

/** Gives a part with its title; nothing where it has no content. */
export function part(title: string, ...content: readonly (Child | undefined)[]): HTMLElement[] {
  const kept = content.filter(child => child !== undefined);
  if (kept.length === 0) return [];
  return [el('section', { class: 'maestro-part', 'aria-label': title }, el('h3', {}, title), ...kept)];
}

/** Gives a table; nothing without rows. The first cell of each row names it. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly (Child | Value)[])[]
): HTMLElement | undefined {
  if (rows.length === 0) return undefined;
  const head = el('tr', {}, ...titles.map(title => el('th', { scope: 'col' }, title)));
  const lines = rows.map(([name, ...cells]) =>
    el('tr', {}, el('th', { scope: 'row' }, child(name)), ...cells.map(cellOf))
  );
  return el('table', { class: 'maestro-table' }, el('thead', {}, head), el('tbody', {}, ...lines));
}

/** Gives a program's text, or a change of one with its lines told apart by their signs and colours. */
export function code(text: string, label: string, isDiff = false): HTMLElement {
  const lines = isDiff
    ? text
        .split('\n')
        .filter(line => !/^(---|\+\+\+)/.test(line))
        .map(line => el('span', { class: styleOf(line) }, `${line}\n`))
    : [text];
  return el('pre', { class: 'maestro-code', tabindex: '0', role: 'region', 'aria-label': label }, ...lines);
}

function styleOf(line: string): string {
  if (line.startsWith('+')) return 'maestro-added';
  if (line.startsWith('-')) return 'maestro-removed';
  return line.startsWith('@@') ? 'maestro-quiet' : '';
}

function cellOf(value: Child | Value): HTMLElement {
  return el('td', typeof value === 'number' ? { class: 'maestro-number' } : {}, child(value));
}

function child(value: Child | Value): Child {
  return value instanceof Node ? value : shown(value);
}
