/** The words of the panels: each goes through the translator. */
import { type Words } from '../widgets/words.js';

export type { Words };

/** Gives an error as one text: what happened, and what to do. */
export function sentenceOf({ message, hint }: { message: string; hint: string }): string {
  return `${message} ${hint}`.trim();
}
