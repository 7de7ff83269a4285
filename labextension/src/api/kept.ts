/** Answers that are kept, to be used again when the server says that nothing has changed. */

export interface Answer {
  etag: string;
  text: string;
}

/** The answers to what was asked last, up to a number of characters in all. */
export class Kept {
  #size = 0;
  readonly #answers = new Map<string, Answer>();

  constructor(private readonly limit = 16 << 20) {}

  get size(): number {
    return this.#size;
  }

  get(question: string): Answer | undefined {
    const found = this.#answers.get(question);
    if (found === undefined) return undefined;
    this.#answers.delete(question);
    this.#answers.set(question, found);
    return found;
  }

  /** Keeps an answer, and lets go of those that were not asked for the longest. */
  put(question: string, answer: Answer): void {
    this.#drop(question);
    if (answer.text.length > this.limit / 4) return;
    this.#answers.set(question, answer);
    this.#size += answer.text.length;
    for (const oldest of this.#answers.keys()) {
      if (this.#size <= this.limit) return;
      this.#drop(oldest);
    }
  }

  #drop(question: string): void {
    this.#size -= this.#answers.get(question)?.text.length ?? 0;
    this.#answers.delete(question);
  }
}
