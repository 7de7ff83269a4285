/** Maestro in JupyterLab and Notebook: small plugins around one token. */
import '../widgets/base.css';
import '../widgets/comparison.css';
import '../widgets/curves.css';
import './lab.css';
import { core } from './core.js';
import { dashboard } from './dashboard.js';
import { insertion } from './insertion.js';
import { marks } from './marks.js';
import { panel } from './panel.js';
import { recording, status } from './recording.js';
import { runLinks } from './run_links.js';
import { views } from './views.js';

export { IMaestro } from './token.js';

export default [core, panel, status, recording, views, marks, dashboard, insertion, runLinks];
