/** The script of the chart of curves. */
import './base.css';
import './curves.css';
import { kernelCurves } from './curves_source.js';
import { CurvesView } from './curves_view.js';
import { follow } from './following.js';
import { widget } from './mount.js';
import { PLAIN } from './words.js';

export default widget((host, onLate) => {
  const { metric } = host.given as { metric: string };
  const view = new CurvesView({
    ...host,
    words: PLAIN,
    metric,
    source: kernelCurves(host.exchange, 'setup')
  });
  onLate(view.tellLate);
  void follow(host, {
    isRunning: view.isRunning,
    onChanged: async isChanged => {
      if (view.shows(isChanged)) await view.refresh();
    },
    onError: view.fail
  });
});
