/** The questions that a Maestro server answers, one method each. */

import { Exchange, PATIENCE, type Connection, type Content, type Given, type Options } from './exchange.js';
import { savedFile, type SavedFile } from './files.js';
import { follow, type Following, type Told } from './follow.js';
import type {
  Alive,
  ArtifactEdit,
  ArtifactFits,
  ArtifactUse,
  ArtifactVersion,
  AuditLine,
  BestSoFar,
  CardChange,
  CardDocument,
  Curve,
  Edit,
  EventsPage,
  Found,
  Impact,
  ModelForecasts,
  ModelQuestion,
  NotebookAtHand,
  ParameterInsight,
  Lineage,
  Page,
  Project,
  Ready,
  Run,
  RunDetail,
  RunDiff,
  RunHistory,
  RunsQuery,
  Trend,
  Usage,
  Version
} from './models.js';
import { pages } from './pages.js';
import { unpacked, type Points } from './points.js';
import { OPERATIONS, type operations } from './schema.js';

type Id = keyof operations;
type Query<Name extends Id> = NonNullable<operations[Name]['parameters']['query']>;
type Answered<Name extends Id> = operations[Name]['responses'] extends {
  200: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

const UNAVAILABLE = 503;
const LINES = 1000;

/**
 * A Maestro server, over some connection to it.
 *
 * Every method takes a signal that breaks it off, and is rejected with a `MaestroError` where the server
 * refuses or does not answer. A run is named by its id or an unambiguous beginning of it.
 */
export class MaestroClient {
  readonly #exchange: Exchange;
  readonly #connection: Connection;

  /** `patience` is how long to go on asking a server that says it is asked too much, in milliseconds. */
  constructor(connection: Connection, patience = PATIENCE) {
    this.#connection = connection;
    this.#exchange = new Exchange(connection, patience);
  }

  /** Gives the projects, the one with the latest run first. */
  projects(options: Options = {}): Promise<Project[]> {
    return this.#ask('getProjects', {}, options);
  }

  /** Gives one project. */
  project(name: string, options: Options = {}): Promise<Project> {
    return this.#ask('getProjectsName', { names: { name } }, options);
  }

  /** Gives a page of the runs that match a filter, newest first unless told. */
  runs(query: RunsQuery = {}, options: Options = {}): Promise<Page<Run>> {
    // Fields are missing only where some were asked for.
    return this.#ask('getRuns', { query }, options) as Promise<Page<Run>>;
  }

  /** Gives the same, but of each run only some fields, such as `run_id` or `metrics.accuracy`. */
  runFields(fields: string[], query: RunsQuery = {}, options: Options = {}): Promise<Page<Partial<Run>>> {
    return this.#ask('getRuns', { query: { ...query, fields: fields.join(',') } }, options);
  }

  /** Gives every run that matches, page by page as they are needed; runs that are added meanwhile do not disturb. */
  async *allRuns(query: RunsQuery = {}, options: Options = {}): AsyncGenerator<Run, void, undefined> {
    const ask = (cursor: string | undefined): Promise<Page<Run>> =>
      this.runs(cursor === undefined ? query : { ...query, cursor }, options);
    for await (const page of pages(ask)) yield* page.items;
  }

  /** Counts the runs that match a filter. */
  async countRuns(query: Query<'getRunsCount'> = {}, options: Options = {}): Promise<number> {
    return (await this.#ask('getRunsCount', { query }, options)).count;
  }

  /** Gives the names of all metrics. */
  metricKeys(options: Options = {}): Promise<string[]> {
    return this.#ask('getRunsMetrics', {}, options);
  }

  /** Tells how runs went over time: how many a day, how they ended, and how long they took. */
  runHistory(query: Query<'getRunsHistory'> = {}, options: Options = {}): Promise<RunHistory> {
    return this.#ask('getRunsHistory', { query }, options);
  }

  /** Tells how the best value of a metric changed over time. */
  bestSoFar(query: Query<'getRunsBest'>, options: Options = {}): Promise<BestSoFar> {
    return this.#ask('getRunsBest', { query }, options);
  }

  /** Gives everything that is known about a run. */
  run(run: string, options: Options = {}): Promise<RunDetail> {
    return this.#ask('getRunsRun_id', { names: { run_id: run } }, options);
  }

  /** Gives a run alone. */
  runItself(run: string, options: Options = {}): Promise<Run> {
    return this.#ask('getRunsRun_idItself', { names: { run_id: run } }, options);
  }

  /** Sets or takes away tags of a run, adds a remark, puts it away or takes it back; gives it as it is then. */
  editRun(run: string, edit: Edit, options: Options = {}): Promise<Run> {
    return this.#ask('patchRunsRun_id', { names: { run_id: run }, body: edit }, options);
  }

  /** Gives the runs that this one is the parent of. */
  children(run: string, options: Options = {}): Promise<Run[]> {
    return this.#ask('getRunsRun_idChildren', { names: { run_id: run } }, options);
  }

  /** Gives the names of a run's metrics. */
  runMetricKeys(run: string, options: Options = {}): Promise<string[]> {
    return this.#ask('getRunsRun_idMetrics', { names: { run_id: run } }, options);
  }

  /** Gives a metric's curve, thinned out so that it looks the same. */
  history(
    run: string,
    key: string,
    query: Query<'getRunsRun_idMetricsKey'> = {},
    options: Options = {}
  ): Promise<Curve> {
    return this.#ask('getRunsRun_idMetricsKey', { names: { run_id: run, key }, query }, options);
  }

  /** Gives a metric's points as they were logged, a million of them at once. */
  async points(
    run: string,
    key: string,
    query: Query<'getRunsRun_idMetricsKeyPoints'> = {},
    options: Options = {}
  ): Promise<Points> {
    const given = { names: { run_id: run, key }, query };
    return unpacked(await this.#content('getRunsRun_idMetricsKeyPoints', given, options));
  }

  /** Tells what changed from a run to another. */
  diff(run: string, other: string, options: Options = {}): Promise<RunDiff> {
    return this.#ask('getRunsRun_idDiffOther', { names: { run_id: run, other } }, options);
  }

  /** Gives a file kept with a run, to be saved. */
  async runFile(run: string, sha256: string, options: Options = {}): Promise<SavedFile> {
    const given = { names: { run_id: run, sha256 } };
    return savedFile(await this.#content('getRunsRun_idFilesSha256', given, options));
  }

  /** Gives a file that a run or a cell has kept, to be saved. */
  async file(sha256: string, options: Options = {}): Promise<SavedFile> {
    return savedFile(await this.#content('getFilesSha256', { names: { sha256 } }, options));
  }

  /** Gives a page of the library's artifacts, each as its newest version, the newest first. */
  artifacts(query: Query<'getArtifacts'> = {}, options: Options = {}): Promise<Page<ArtifactVersion>> {
    return this.#ask('getArtifacts', { query }, options);
  }

  /** Gives every artifact, page by page as they are needed. */
  async *allArtifacts(
    query: Query<'getArtifacts'> = {},
    options: Options = {}
  ): AsyncGenerator<ArtifactVersion, void, undefined> {
    const ask = (cursor: string | undefined): Promise<Page<ArtifactVersion>> =>
      this.artifacts(cursor === undefined ? query : { ...query, cursor }, options);
    for await (const page of pages(ask)) yield* page.items;
  }

  /** Finds artifacts by words and by meaning, with the reasons and the counts of what was found. */
  searchArtifacts(query: Query<'getArtifactsSearch'> = {}, options: Options = {}): Promise<Found> {
    return this.#ask('getArtifactsSearch', { query }, options);
  }

  /** Gives what artifacts contributed, the highest lower end of the interval first, what is unknown last. */
  topArtifacts(query: Query<'getArtifactsTop'> = {}, options: Options = {}): Promise<Impact[]> {
    return this.#ask('getArtifactsTop', { query }, options);
  }

  /** Says which models to try on data that are described by meta-features, and what to expect of each. */
  suggestModels(question: ModelQuestion, options: Options = {}): Promise<ModelForecasts> {
    return this.#ask('postRecommendationsModels', { body: question }, options);
  }

  /** Says what of the library fits a notebook, and why; nothing if nothing does. */
  suggestArtifacts(notebook: NotebookAtHand = {}, options: Options = {}): Promise<ArtifactFits> {
    return this.#ask('postRecommendationsArtifacts', { body: notebook }, options);
  }

  /** Tells which parameters mattered for a metric, in which direction, and where runs are best. */
  importance(query: Query<'getRecommendationsParameters'>, options: Options = {}): Promise<ParameterInsight> {
    return this.#ask('getRecommendationsParameters', { query }, options);
  }

  /** Gives the artifacts that most projects used; among equals, those that most runs did. */
  usedArtifacts(query: Query<'getArtifactsUsed'> = {}, options: Options = {}): Promise<Usage[]> {
    return this.#ask('getArtifactsUsed', { query }, options);
  }

  /** Compares the uses of the last 7 days with those of the 28 days before, what rises most first. */
  trendingArtifacts(query: Query<'getArtifactsTrending'> = {}, options: Options = {}): Promise<Trend[]> {
    return this.#ask('getArtifactsTrending', { query }, options);
  }

  /** Gives the artifacts that were there before so many days, and that nobody has used since. */
  unusedArtifacts(query: Query<'getArtifactsUnused'> = {}, options: Options = {}): Promise<Usage[]> {
    return this.#ask('getArtifactsUnused', { query }, options);
  }

  /** Gives the artifacts that are put away, each as its newest version, the first registered first. */
  archivedArtifacts(
    query: Query<'getArtifactsArchived'> = {},
    options: Options = {}
  ): Promise<ArtifactVersion[]> {
    return this.#ask('getArtifactsArchived', { query }, options);
  }

  /** Gives the versions of an artifact in the library, the newest first, a thousand at once. */
  artifactVersions(
    name: string,
    query: Query<'getArtifactsName'> = {},
    options: Options = {}
  ): Promise<ArtifactVersion[]> {
    return this.#ask('getArtifactsName', { names: { name }, query }, options);
  }

  /** Gives one version: by its number, an alias such as `@champion`, or the newest. */
  artifact(name: string, version: Version = 'newest', options: Options = {}): Promise<ArtifactVersion> {
    const names = { name, version: String(version) };
    return this.#ask('getArtifactsNameVersionsVersion', { names }, options);
  }

  /** Gives the bytes of a version, to be saved. */
  async artifactContent(
    name: string,
    version: Version = 'newest',
    options: Options = {}
  ): Promise<SavedFile> {
    const given = { names: { name, version: String(version) } };
    return savedFile(await this.#content('getArtifactsNameVersionsVersionContent', given, options));
  }

  /** Gives the model card of a version. */
  card(name: string, version: Version = 'newest', options: Options = {}): Promise<CardDocument> {
    const names = { name, version: String(version) };
    return this.#ask('getArtifactsNameVersionsVersionCard', { names }, options);
  }

  /** Gives the model card of a version as a file to be saved. */
  async cardFile(
    name: string,
    version: Version,
    format: 'markdown' | 'html',
    options: Options = {}
  ): Promise<SavedFile> {
    const given = { names: { name, version: String(version) }, query: { format } };
    return savedFile(await this.#content('getArtifactsNameVersionsVersionCard', given, options));
  }

  /** Writes in sections of a card, all or none; rejected with status 409 where one is not as expected any more. */
  editCard(
    name: string,
    version: Version,
    sections: CardChange['sections'],
    options: Options = {}
  ): Promise<CardDocument> {
    const given = { names: { name, version: String(version) }, body: { sections } };
    return this.#ask('patchArtifactsNameVersionsVersionCard', given, options);
  }

  /** Gives what a version of an artifact came from and what came of it. */
  artifactLineage(
    name: string,
    version: Version = 'newest',
    query: Query<'getArtifactsNameVersionsVersionLineage'> = {},
    options: Options = {}
  ): Promise<Lineage> {
    const names = { name, version: String(version) };
    return this.#ask('getArtifactsNameVersionsVersionLineage', { names, query }, options);
  }

  /** Gives what a run came from and what came of it. */
  lineage(run: string, query: Query<'getRunsRun_idLineage'> = {}, options: Options = {}): Promise<Lineage> {
    return this.#ask('getRunsRun_idLineage', { names: { run_id: run }, query }, options);
  }

  /** Gives who used an artifact, the latest first: once for each version, project and run. */
  artifactUsage(
    name: string,
    query: Query<'getArtifactsNameUsage'> = {},
    options: Options = {}
  ): Promise<ArtifactUse[]> {
    return this.#ask('getArtifactsNameUsage', { names: { name }, query }, options);
  }

  /** Describes an artifact, puts it away or takes it out again; gives its newest version. */
  editArtifact(name: string, edit: ArtifactEdit, options: Options = {}): Promise<ArtifactVersion> {
    return this.#ask('patchArtifactsName', { names: { name }, body: edit }, options);
  }

  /** Puts a version away, or takes it out again. */
  archiveVersion(
    name: string,
    version: Version,
    archived = true,
    options: Options = {}
  ): Promise<ArtifactVersion> {
    const given = { names: { name, version: String(version) }, body: { archived } };
    return this.#ask('patchArtifactsNameVersionsVersion', given, options);
  }

  /** Puts a version away or, if it is to be purged, takes it away for good; gives what is left of it. */
  deleteVersion(
    name: string,
    version: Version,
    purge = false,
    options: Options = {}
  ): Promise<ArtifactVersion> {
    const given = { names: { name, version: String(version) }, query: { purge: String(purge) } };
    return this.#ask('deleteArtifactsNameVersionsVersion', given, options);
  }

  /** Lets an alias point at a version. */
  setAlias(name: string, alias: string, version: number, options: Options = {}): Promise<ArtifactVersion> {
    return this.#ask('putArtifactsNameAliasesAlias', { names: { name, alias }, body: { version } }, options);
  }

  /** Takes an alias away; gives the version that it pointed at. */
  dropAlias(name: string, alias: string, options: Options = {}): Promise<ArtifactVersion> {
    return this.#ask('deleteArtifactsNameAliasesAlias', { names: { name, alias } }, options);
  }

  /** Gives what has happened since a number, oldest first, and the number to go on from. */
  events(query: Query<'getEvents'> = {}, options: Options = {}): Promise<EventsPage> {
    return this.#ask('getEvents', { query }, options);
  }

  /** Tells what happens as it happens, and goes on wherever the connection breaks; see `follow`. */
  follow(following: Following = {}): AsyncGenerator<Told, void, undefined> {
    return follow(this, this.#connection, following);
  }

  /** Gives lines of the audit after a number, oldest first. */
  audit(query: Query<'getAudit'> = {}, options: Options = {}): Promise<AuditLine[]> {
    return this.#ask('getAudit', { query }, options);
  }

  /** Gives every line of the audit after a number, fetched as they are needed. */
  async *allAudit(after = 0, options: Options = {}): AsyncGenerator<AuditLine, void, undefined> {
    for (;;) {
      const lines = await this.audit({ after, limit: LINES }, options);
      yield* lines;
      if (lines.length < LINES) return;
      after = lines.at(-1)?.number ?? after;
    }
  }

  /** Says that the server lives. */
  live(options: Options = {}): Promise<Alive> {
    return this.#ask('getHealthLive', {}, options);
  }

  /** Says whether the server can answer, and if not, what is wrong. */
  ready(options: Options = {}): Promise<Ready> {
    return this.#ask('getHealthReady', {}, options, UNAVAILABLE);
  }

  /** Gives the server's counters, as Prometheus reads them. */
  async counters(options: Options = {}): Promise<string> {
    const { bytes } = await this.#content('getMetrics', {}, options);
    return new TextDecoder().decode(bytes);
  }

  /** Gives the server's OpenAPI document. */
  description(options: Options = {}): Promise<Record<string, unknown>> {
    return this.#ask('getOpenapiJson', {}, options);
  }

  #ask<Name extends Id>(
    name: Name,
    given: Given,
    options: Options,
    accepted?: number
  ): Promise<Answered<Name>> {
    return this.#exchange.json(OPERATIONS[name], given, options, accepted) as Promise<Answered<Name>>;
  }

  #content(name: Id, given: Given, options: Options): Promise<Content> {
    return this.#exchange.content(OPERATIONS[name], given, options);
  }
}
