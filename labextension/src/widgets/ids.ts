/** Ids that nothing else in the page has: several bundles share it, and views of one widget share its messages. */

/** Gives one. Not by `crypto.randomUUID`, which pages over plain HTTP lack. */
export function newId(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(numbers, number => number.toString(16).padStart(8, '0')).join('');
}
