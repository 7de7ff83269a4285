/** The script of the dashboard. */
import './base.css';
import './dashboard.css';
import { DashboardView } from './dashboard_view.js';
import { widget } from './mount.js';

export default widget((host, onLate) => {
  onLate(new DashboardView(host).tellLate);
});
