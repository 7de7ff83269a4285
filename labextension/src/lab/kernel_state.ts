/** How the recording of a kernel stands, asked without a trace in the notebook. */

/** What `maestro_jupyter.kernel_state` says. */
export interface KernelState {
  recording: boolean;
  mode: string;
  project: string;
  /** The notebook's path, as it is recorded. */
  notebook: string | null;
  /** Points that this session has recorded. */
  points: number;
  /** Journal lines that the disk has refused so far. */
  waiting: number;
  /** Those that were given up. */
  dropped: number;
  problems: number;
  latest: string;
}

/** An expression whose value is the state; None where Maestro is not loaded. It loads nothing itself. */
export const STATE_EXPRESSION =
  "__import__('maestro_jupyter.kernel_state', fromlist=['said']).said() " +
  "if 'maestro_jupyter.recording.extension' in __import__('sys').modules else None";

const MAGIC = "get_ipython().run_line_magic('maestro', ";

/** Loads Maestro where that was not done, and records; nothing is written into the notebook. */
export const CODE_ON = `get_ipython().extension_manager.load_extension('maestro_jupyter')\n${MAGIC}'on')`;
export const CODE_OFF = `${MAGIC}'off')`;

/** Gives the state that a reply to `user_expressions` holds; undefined if Maestro is not loaded. */
export function stateIn(content: unknown): KernelState | undefined {
  const { user_expressions } = content as {
    user_expressions?: Record<string, { data?: Record<string, unknown> }>;
  };
  const said = user_expressions?.['maestro']?.data?.['application/json'];
  return typeof said === 'object' && said !== null ? (said as KernelState) : undefined;
}

/** What the status bar and the toolbar tell. */
export type Recording = 'no kernel' | 'not loaded' | 'recording' | 'paused' | 'disabled' | 'problems';

/** Gives how the recording stands in one word. */
export function recordingOf(hasKernel: boolean, state: KernelState | undefined): Recording {
  if (!hasKernel) return 'no kernel';
  if (state === undefined) return 'not loaded';
  if (state.mode === 'disabled') return 'disabled';
  if (state.waiting > 0 || state.dropped > 0 || state.problems > 0) return 'problems';
  return state.recording ? 'recording' : 'paused';
}
