/** The vocabulary of the server's answers. Numbers are numbers, also those that JSON cannot say. */

import type { components, operations } from './schema.js';

type Schemas = components['schemas'];

export type Alive = Schemas['Alive'];
export type ArtifactEdit = Partial<Schemas['ArtifactEdit']>;
export type ArtifactFits = Schemas['ArtifactFits'];
export type ArtifactUse = Schemas['ArtifactUse'];
export type ArtifactVersion = Schemas['ArtifactVersion'];
export type AuditLine = Schemas['AuditLine'];
export type BestSoFar = Schemas['BestSoFar'];
export type CardChange = Schemas['CardChange'];
export type CardDocument = Schemas['CardDocument'];
export type Curve = Schemas['Curve'];
export type EventsPage = Schemas['EventsPage'];
export type Found = Schemas['Found'];
export type Impact = Schemas['Impact'];
export type ModelForecasts = Schemas['ModelForecasts'];
export type ParameterInsight = Schemas['ParameterInsight'];
export type Lineage = Schemas['Lineage'];
export type LiveEvent = Schemas['LiveEvent'];
export type Project = Schemas['Project'];
export type Ready = Schemas['Ready'];
export type Run = Schemas['Run'];
export type RunDetail = Schemas['RunDetail'];
export type RunDiff = Schemas['RunDiff'];
export type RunEvent = Schemas['RunEvent'];
export type RunHistory = Schemas['RunHistory'];
export type RunTotals = Schemas['RunTotals'];
export type Trend = Schemas['Trend'];
export type Usage = Schemas['Usage'];

/** What comes over the WebSocket of live events. */
export type Message = Schemas['ReadyMessage'] | Schemas['EventsMessage'] | Schemas['ResetMessage'];

/** Which version of an artifact: its number, an alias, or the newest. */
export type Version = number | `@${string}` | 'newest';

/** Which runs, in which order, and how many on a page. */
export type RunsQuery = Omit<NonNullable<operations['getRuns']['parameters']['query']>, 'fields'>;

/** Data to be told what to try on, by their meta-features; null where one is unknown. */
export type ModelQuestion = Pick<Schemas['ModelQuestion'], 'task' | 'metafeatures'> &
  Partial<Schemas['ModelQuestion']>;

/** What is known of a notebook for which something of the library is looked for. */
export type NotebookAtHand = Partial<Schemas['NotebookAtHand']>;

/** What to change of a run: tags to set, or with null to take away, and a remark to add. */
export type Edit = Partial<Schemas['Edit']>;

/** Some of the items of a list, and where the next page begins: null on the last. */
export interface Page<Item> {
  items: Item[];
  cursor: string | null;
}
