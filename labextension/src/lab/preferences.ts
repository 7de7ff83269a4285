/** What may be set in JupyterLab's settings; `schema/core.json` describes it. */
import { Signal } from './signals.js';

export class Preferences {
  readonly changed = new Signal<undefined>();
  /** The metric that each run shows; empty for the first that it has. */
  metric = '';
  /** Whether cells that made a run are marked. */
  marks = true;

  /** Takes over what is set; what has another type than it should stays as it was. */
  set(given: Readonly<Record<string, unknown>>): void {
    if (typeof given['metric'] === 'string') this.metric = given['metric'];
    if (typeof given['marks'] === 'boolean') this.marks = given['marks'];
    this.changed.tell(undefined);
  }
}
