/** The script of the browser of the library. */
import './base.css';
import './library.css';
import { LibraryView } from './library_view.js';
import { widget } from './mount.js';

export default widget((host, onLate) => {
  onLate(new LibraryView(host).tellLate);
});
