/** Maestro's icon: a baton over a rising curve. */
import { LabIcon } from '@jupyterlab/ui-components';

export const icon = new LabIcon({
  name: 'maestro-jupyter:icon',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" fill="none">' +
    '<g class="jp-icon3" stroke="#616161" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' +
    '<path d="M3 19c4 0 5-9 9-9s4 4 9-6"/><path d="M3 4v16h18"/></g></svg>'
});
