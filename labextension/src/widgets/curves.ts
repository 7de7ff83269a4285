/** The script of the chart of curves. */
import './base.css';
import './curves.css';
import { CurvesView } from './curves_view.js';
import { widget } from './mount.js';

export default widget((host, onLate) => {
  onLate(new CurvesView(host).tellLate);
});
