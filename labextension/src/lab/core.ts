/** The plugin that gives the token: the client, live events, and which notebook is current. */
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { MaestroClient } from '../api/index.js';
import { jupyterConnection } from '../jupyter/connection.js';
import { Kernels } from './kernels.js';
import { Live } from './live.js';
import { Preferences } from './preferences.js';
import { patternOf as recordedPattern } from './runs_list.js';
import { Signal } from './signals.js';
import { IMaestro } from './token.js';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const ID = 'maestro-jupyter:core';

export const core: JupyterFrontEndPlugin<IMaestro> = {
  id: ID,
  description: 'Gives the client of Maestro, its live events, and how notebooks are recorded.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ITranslator],
  provides: IMaestro,
  activate: (
    app,
    tracker: INotebookTracker,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ): IMaestro => {
    const { serverSettings, contents } = app.serviceManager;
    const client = new MaestroClient(jupyterConnection(serverSettings));
    const live = new Live(client);
    const kernels = new Kernels();
    const preferences = new Preferences();
    const currentChanged = new Signal<undefined>();
    const root = PageConfig.getOption('serverRoot');
    const patternOf = ({ context }: NotebookPanel): string =>
      recordedPattern(root, contents.localPath(context.path));
    const tell = (): void => {
      currentChanged.tell(undefined);
    };
    tracker.widgetAdded.connect((_, panel) => {
      kernels.follow(panel);
      panel.context.pathChanged.connect(tell);
    });
    tracker.currentChanged.connect(tell);
    kernels.changed.on(panel => {
      if (panel === tracker.currentWidget) tell();
    });
    void app.started.then(() => live.listen(new AbortController().signal));
    if (settings !== null) void follow(settings, preferences);
    return {
      client,
      live,
      kernels,
      preferences,
      words: (translator ?? nullTranslator).load('maestro_jupyter'),
      currentChanged,
      patternOf,
      notebook: () => (tracker.currentWidget === null ? undefined : patternOf(tracker.currentWidget)),
      project: () => {
        const panel = tracker.currentWidget;
        return panel === null ? undefined : kernels.stateOf(panel)?.project;
      }
    };
  }
};

async function follow(registry: ISettingRegistry, preferences: Preferences): Promise<void> {
  const settings = await registry.load(ID);
  const take = (): void => {
    preferences.set(settings.composite);
  };
  settings.changed.connect(take);
  take();
}
