/** The words of the panels: each goes through the translator, and none says by colour alone how a run stands. */
import { type Words } from '../widgets/words.js';

export type { Words };

/** How a status is shown. */
export interface Shown {
  icon: string;
  word: string;
  style: string;
}

/** Gives how a status is shown; one that a later server has made up is shown as it is. */
export function statusOf(status: string, words: Words): Shown {
  switch (status) {
    case 'RUNNING':
      return { icon: '●', word: words.__('running'), style: 'maestro-busy' };
    case 'FINISHED':
      return { icon: '✓', word: words.__('finished'), style: 'maestro-good' };
    case 'FAILED':
      return { icon: '✗', word: words.__('failed'), style: 'maestro-bad' };
    case 'KILLED':
      return { icon: '■', word: words.__('killed'), style: 'maestro-warn' };
    default:
      return { icon: '?', word: status, style: '' };
  }
}

/** Gives an error as one text: what happened, and what to do. */
export function sentenceOf({ message, hint }: { message: string; hint: string }): string {
  return `${message} ${hint}`.trim();
}
