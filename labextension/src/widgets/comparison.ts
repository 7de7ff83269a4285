/** The script of runs side by side. */
import './base.css';
import './comparison.css';
import './curves.css';
import { kernelComparison } from './comparison_source.js';
import { type ComparisonState, type ComparisonTab, ComparisonView } from './comparison_view.js';
import { follow } from './following.js';
import { widget } from './mount.js';
import { PLAIN } from './words.js';

export default widget((host, onLate) => {
  const { runs, tab } = host.given as { runs: string[]; tab: ComparisonTab };
  const view = new ComparisonView({
    root: host.root,
    source: kernelComparison(host.exchange, runs),
    words: PLAIN,
    tab,
    state: host.state as ComparisonState,
    keep: host.keep,
    signal: host.signal
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
