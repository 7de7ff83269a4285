/** What anywidget hands to a widget's script: its model in the kernel. */

/** The traits that `maestro_jupyter.widgets.widget.LiveWidget` has. */
export interface Traits {
  given: unknown;
  place: string;
  state: unknown;
}

export type Listener = (content: unknown, buffers?: readonly DataView[]) => void;

export interface Model {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
}
