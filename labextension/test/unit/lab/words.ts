/** Words as they are written, where no translator is. */
export { PLAIN as WORDS } from '../../../src/widgets/words.js';
