/** How runs stand: never told by a colour alone. */
import { type Words } from './words.js';

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
