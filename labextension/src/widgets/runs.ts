/** The script of the table of runs. */
import './base.css';
import './comparison.css';
import './curves.css';
import './runs.css';
import { widget } from './mount.js';
import { RunsView } from './runs_view.js';

export default widget((host, onLate) => {
  onLate(new RunsView(host).tellLate);
});
