/** The one token that Maestro's plugins share, and that other extensions may ask for. */
import { Token } from '@lumino/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { MaestroClient } from '../api/index.js';
import type { Kernels } from './kernels.js';
import type { Live } from './live.js';
import type { Preferences } from './preferences.js';
import type { Signal } from './signals.js';
import type { Words } from './words.js';

export interface IMaestro {
  readonly client: MaestroClient;
  /** What happens to runs, and what keeps the server from telling. */
  readonly live: Live;
  /** How the notebooks' kernels are recorded. */
  readonly kernels: Kernels;
  readonly preferences: Preferences;
  readonly words: Words;
  /** Another notebook is current, or this one's recording has changed. */
  readonly currentChanged: Signal<undefined>;
  /** How a notebook's recorded path is asked for, as `like` takes it. */
  patternOf: (panel: NotebookPanel) => string;
  /** The same of the current notebook; undefined where there is none. */
  notebook: () => string | undefined;
  /** The project that the current notebook's runs belong to; undefined while nothing tells. */
  project: () => string | undefined;
}

export const IMaestro = new Token<IMaestro>(
  'maestro-jupyter:IMaestro',
  'Experiments that Maestro remembers: its client, live events, and how notebooks are recorded.'
);

/** What the commands are called. */
export const COMMANDS = {
  showPanel: 'maestro-jupyter:show-panel',
  searchLibrary: 'maestro-jupyter:search-library',
  showSuggestions: 'maestro-jupyter:show-suggestions',
  suggestModels: 'maestro-jupyter:suggest-models',
  toggleRecording: 'maestro-jupyter:toggle-recording',
  openRun: 'maestro-jupyter:open-run',
  compareRuns: 'maestro-jupyter:compare-runs',
  archiveRun: 'maestro-jupyter:archive-run',
  copyRun: 'maestro-jupyter:copy-run-id',
  openDashboard: 'maestro-jupyter:open-dashboard'
} as const;
