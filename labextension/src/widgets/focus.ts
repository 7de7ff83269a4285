/** Keeps the focus where it is while what holds it is made anew. */

/** The attribute that names what may have the focus, the same before and after. */
export const NAMED = 'data-named';

/** Makes what is in a box anew; what had the focus has it again, where it is still there. */
export function keepingFocus(box: HTMLElement, render: () => void): void {
  const focused = document.activeElement;
  const name = focused !== null && box.contains(focused) ? focused.getAttribute(NAMED) : null;
  render();
  if (name === null) return;
  const again = [...box.querySelectorAll<HTMLElement>(`[${NAMED}]`)].find(
    one => one.getAttribute(NAMED) === name
  );
  again?.focus({ preventScroll: true });
}
