/** Those who are told when something happens. */

export type Listener<Said> = (said: Said) => void;

export class Signal<Said> {
  readonly #listeners = new Set<Listener<Said>>();

  /** Tells `listener` from now on, until what is given back is called. */
  on(listener: Listener<Said>): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(said: Said): void {
    for (const listener of [...this.#listeners]) listener(said);
  }
}
