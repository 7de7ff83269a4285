/** The script of the cards of suggestions. */
import './base.css';
import './suggestions.css';
import { widget } from './mount.js';
import { SuggestionsView } from './suggestions_view.js';

export default widget((host, onLate) => {
  onLate(new SuggestionsView(host).tellLate);
});
