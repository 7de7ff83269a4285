/** What the server's OpenAPI document says; made by `make schema`, not by hand. */

import type { Operation, Shape } from './shapes.js';

export interface components {
  schemas: {
    /**
     * Error
     * @description What went wrong.
     */
    Error: {
      message: string;
      reason: string;
      hint: string;
    };
    /**
     * Project
     * @description A project and how many runs it has.
     */
    Project: {
      name: string;
      runs: number;
      latest: string | null;
    };
    /**
     * RunsPage
     * @description A page of runs.
     */
    RunsPage: {
      items: components['schemas']['ListedRun'][];
      cursor: string | null;
    };
    /**
     * ListedRun
     * @description A run, or those of its fields that were asked for.
     */
    ListedRun: {
      run_id?: string;
      name?: string;
      project?: string;
      user?: string;
      source?: string;
      status?: components['schemas']['Status'];
      start_time?: string;
      status_reason?: string;
      end_time?: string | null;
      parent_id?: string | null;
      execution_id?: string | null;
      notebook?: string | null;
      params?: {
        [key: string]: string | number | boolean | null;
      };
      metrics?: {
        [key: string]: number;
      };
      tags?: {
        [key: string]: string;
      };
      archived?: string | null;
    };
    /**
     * Status
     * @description How a run stands.
     * @enum {unknown}
     */
    Status: 'FAILED' | 'FINISHED' | 'KILLED' | 'RUNNING';
    /**
     * Count
     * @description How many there are.
     */
    Count: {
      count: number;
    };
    /**
     * RunHistory
     * @description How the runs of a project, or of all, went over time; what is part of another run is not counted.
     *
     *         Attributes
     *         ----------
     *         total : RunTotals
     *         projects : list of RunTotals
     *             The same by project, the one with the latest run first; at most a hundred.
     *         days : list of DayOfRuns
     *             The sixty up to the latest run, or from the first one on; those without runs in between, too.
     *         unwell : list of UnwellRun
     *             The latest that failed or were killed.
     *         metrics : list of str
     *             Those that the most runs have first, but single folds, spreads and training data last; at most a
     *             thousand.
     */
    RunHistory: {
      total: components['schemas']['RunTotals'];
      /** @default [] */
      projects: components['schemas']['RunTotals'][];
      /** @default [] */
      days: components['schemas']['DayOfRuns'][];
      /** @default [] */
      unwell: components['schemas']['UnwellRun'][];
      /** @default [] */
      metrics: string[];
    };
    /**
     * RunTotals
     * @description How many runs there are, how they ended, and how long they took.
     *
     *         Attributes
     *         ----------
     *         name : str
     *             The project's; empty for all together.
     *         seconds : float
     *             All together: of those that go on, until now.
     *         untimed : int
     *             Those of which it is not known how long they took.
     *         first, latest : datetime or None
     *             When the first and the latest began; None without runs.
     */
    RunTotals: {
      /** @default  */
      name: string;
      /** @default 0 */
      runs: number;
      /** @default 0 */
      finished: number;
      /** @default 0 */
      failed: number;
      /** @default 0 */
      killed: number;
      /** @default 0 */
      running: number;
      /** @default 0 */
      seconds: number;
      /** @default 0 */
      untimed: number;
      /** @default null */
      first: string | null;
      /** @default null */
      latest: string | null;
    };
    /**
     * DayOfRuns
     * @description The runs that began on one day.
     *
     *         Attributes
     *         ----------
     *         date : str
     *             Such as 2026-11-26.
     *         unwell : int
     *             Failed or killed.
     */
    DayOfRuns: {
      date: string;
      /** @default 0 */
      finished: number;
      /** @default 0 */
      unwell: number;
      /** @default 0 */
      running: number;
    };
    /**
     * UnwellRun
     * @description A run that failed or was killed.
     */
    UnwellRun: {
      run_id: string;
      name: string;
      project: string;
      status: components['schemas']['Status'];
      status_reason: string;
      start_time: string;
    };
    /**
     * BestSoFar
     * @description The best value of a metric as it was over time.
     *
     *         Attributes
     *         ----------
     *         lower : bool
     *             Whether lower was taken for better.
     *         runs : int
     *             How many have a finite value.
     *         better : int
     *             How often it became better, with the first.
     *         steps : list of BetterRun
     *             Where it did, the oldest first; of very many, some are left out in between.
     */
    BestSoFar: {
      metric: string;
      lower: boolean;
      /** @default 0 */
      runs: number;
      /** @default 0 */
      better: number;
      /** @default [] */
      steps: components['schemas']['BetterRun'][];
    };
    /**
     * BetterRun
     * @description A run that was better than all before it.
     */
    BetterRun: {
      run_id: string;
      name: string;
      project: string;
      start_time: string;
      value: number;
    };
    /**
     * RunDetail
     * @description Everything that is known about one run.
     */
    RunDetail: {
      run: components['schemas']['Run'];
      /** @default [] */
      metrics: components['schemas']['MetricSummary'][];
      /** @default null */
      cell: components['schemas']['CellExecution'] | null;
      /** @default [] */
      cells: components['schemas']['CellExecution'][];
      /** @default [] */
      datasets: components['schemas']['Dataset'][];
      /** @default null */
      environment: components['schemas']['Environment'] | null;
      /** @default null */
      code: components['schemas']['Code'] | null;
      /** @default [] */
      notes: components['schemas']['Note'][];
      /** @default [] */
      artifacts: components['schemas']['Artifact'][];
      /** @default [] */
      children: components['schemas']['Run'][];
      /** @default [] */
      unattached: components['schemas']['UnattachedMetric'][];
      /** @default [] */
      cut: string[];
    };
    /**
     * Run
     * @description One experiment.
     *
     *         Attributes
     *         ----------
     *         run_id : str
     *             32 hexadecimal digits.
     *         source : str
     *             What opened it: ``api``, ``fit``, ``search``, ``candidate``, ``cross_validation`` or ``loop``.
     *         start_time, end_time : datetime
     *             In UTC; `end_time` is None while the run is going on.
     *         metrics : dict of str to float
     *             The latest value of each metric.
     *         execution_id : str or None
     *             The cell execution that opened it.
     *         archived : datetime or None
     *             When it was put away, if it was: lists leave it out then, unless their filter speaks of `archived`
     *             or `run_id`.
     */
    Run: {
      run_id: string;
      name: string;
      project: string;
      user: string;
      source: string;
      status: components['schemas']['Status'];
      start_time: string;
      /** @default  */
      status_reason: string;
      /** @default null */
      end_time: string | null;
      /** @default null */
      parent_id: string | null;
      /** @default null */
      execution_id: string | null;
      /** @default null */
      notebook: string | null;
      /** @default {} */
      params: {
        [key: string]: string | number | boolean | null;
      };
      /** @default {} */
      metrics: {
        [key: string]: number;
      };
      /** @default {} */
      tags: {
        [key: string]: string;
      };
      /** @default null */
      archived: string | null;
    };
    /**
     * MetricSummary
     * @description The extent of one metric of one run; `last` is the value at the highest step.
     */
    MetricSummary: {
      key: string;
      count: number;
      first: number;
      last: number;
      min: number;
      max: number;
      last_step: number;
    };
    /**
     * CellExecution
     * @description One execution of a notebook's cell.
     */
    CellExecution: {
      execution_id: string;
      cell_id: string | null;
      number: number;
      count: number | null;
      source: string;
      start_time: string;
      /** @default null */
      end_time: string | null;
      /** @default null */
      success: boolean | null;
      /** @default null */
      error: string | null;
      /** @default null */
      traceback: string | null;
      /** @default  */
      output: string;
      /** @default false */
      output_truncated: boolean;
      /** @default null */
      reads: string[] | null;
      /** @default null */
      writes: string[] | null;
    };
    /**
     * Dataset
     * @description The data that a run was trained on, by fingerprint.
     */
    Dataset: {
      role: string;
      name: string | null;
      kind: string;
      fingerprint: string;
      sampled: boolean;
      shape: number[];
      /** @default [] */
      columns: components['schemas']['Column'][];
      /** @default null */
      missing: number | null;
      /** @default null */
      target: {
        [key: string]: number | string;
      } | null;
      /** @default null */
      metafeatures: {
        [key: string]: number;
      } | null;
    };
    /**
     * Column
     * @description A column of a dataset.
     */
    Column: [string, string, number | null];
    /**
     * Environment
     * @description The interpreter, its packages and the machine.
     */
    Environment: {
      digest: string;
      python: string;
      platform: string;
      hardware: Record<string, unknown>;
      packages: {
        [key: string]: string;
      };
    };
    /**
     * Code
     * @description The state of the Git work tree.
     */
    Code: {
      digest: string;
      commit: string | null;
      branch: string | null;
      remote: string | null;
      dirty: boolean;
      /** @default  */
      diff: string;
      /** @default false */
      truncated: boolean;
    };
    /**
     * Note
     * @description A remark on a run.
     */
    Note: {
      time: string;
      text: string;
    };
    /**
     * Artifact
     * @description A file kept with a run or a cell.
     */
    Artifact: {
      name: string;
      type: string;
      sha256: string;
      size: number;
      media_type: string;
      time: string;
      /** @default null */
      run_id: string | null;
      /** @default null */
      execution_id: string | null;
    };
    /**
     * UnattachedMetric
     * @description A metric whose run is not known for certain.
     */
    UnattachedMetric: {
      execution_id: string | null;
      time: string;
      key: string;
      value: number;
      reason: string;
    };
    /**
     * Edit
     * @description What to change of a run.
     */
    Edit: {
      /** @default {} */
      tags: {
        [key: string]: string | null;
      };
      /** @default  */
      note: string;
      /** @default null */
      archived: boolean | null;
      /** @default null */
      status: ('FAILED' | 'FINISHED' | 'KILLED') | null;
    };
    /**
     * Curve
     * @description A metric's values; a value that is no finite number is `"nan"`, `"inf"` or `"-inf"`.
     */
    Curve: {
      key: string;
      steps: number[];
      times: number[];
      values: number[];
    };
    /**
     * RunDiff
     * @description What changed from run `a` to run `b`.
     *
     *         Attributes
     *         ----------
     *         params, packages : list of Change
     *             Only what differs, by name.
     *         metrics : list of MetricChange
     *             Every metric of either run, by name.
     *         datasets : list of DatasetChange
     *             Only the roles that differ.
     *         cells : list of CellChange
     *             Only the cells that differ.
     *         same_cells : int
     *             How many cells do not.
     *         environment : list of Change
     *             Of ``python`` and ``platform``, those that differ.
     *         code : list of Change
     *             Of ``commit``, ``branch``, ``dirty`` and ``uncommitted diff``, those that differ; for the last, the
     *             values are the diffs.
     *         run : list of Change
     *             Of ``status``, ``status_reason``, ``project`` and ``user``, those that differ.
     *         duration : MetricChange
     *             The seconds of both.
     *         unknown : list of str
     *             What one of the runs has no record of: ``environment``, ``code``.
     */
    RunDiff: {
      a: components['schemas']['Run'];
      b: components['schemas']['Run'];
      /** @default [] */
      params: components['schemas']['Change'][];
      /** @default [] */
      metrics: components['schemas']['MetricChange'][];
      /** @default [] */
      datasets: components['schemas']['DatasetChange'][];
      /** @default [] */
      cells: components['schemas']['CellChange'][];
      /** @default 0 */
      same_cells: number;
      /** @default [] */
      environment: components['schemas']['Change'][];
      /** @default [] */
      packages: components['schemas']['Change'][];
      /** @default [] */
      code: components['schemas']['Change'][];
      /** @default [] */
      run: components['schemas']['Change'][];
      duration: components['schemas']['MetricChange'];
      /** @default [] */
      unknown: string[];
    };
    /**
     * Change
     * @description One named value that differs.
     *
     *         Attributes
     *         ----------
     *         kind : str
     *             ``added`` (only `b` has it), ``removed`` (only `a` has it) or ``changed``.
     *         a, b : str, int, float, bool or None
     *             The value in each run; None too where it is missing: `kind` tells the two apart.
     */
    Change: {
      name: string;
      kind: string;
      /** @default null */
      a: string | number | boolean | null;
      /** @default null */
      b: string | number | boolean | null;
    };
    /**
     * MetricChange
     * @description One metric, whether or not it differs.
     *
     *         Attributes
     *         ----------
     *         kind : str
     *             ``added``, ``removed``, ``changed`` or ``same``; NaN is the same as NaN.
     *         a, b : float or None
     *             The latest value in each run; None where it is missing.
     *         difference : float or None
     *             ``b - a``; None where a value is missing or not finite.
     *         relative : float or None
     *             ``difference / |a|``; None also where `a` is zero.
     */
    MetricChange: {
      name: string;
      kind: string;
      /** @default null */
      a: number | null;
      /** @default null */
      b: number | null;
      /** @default null */
      difference: number | null;
      /** @default null */
      relative: number | null;
    };
    /**
     * DatasetChange
     * @description The data in one role that differs.
     *
     *         Attributes
     *         ----------
     *         kind : str
     *             ``added``, ``removed`` or ``changed``.
     *         fingerprint_changed : bool
     *         shape_a, shape_b : list of int or None
     *         columns_added, columns_removed : list of str
     *         dtypes_changed : list of Change
     *             The columns of both whose dtype differs.
     *         sampled : bool
     *             Whether a fingerprint covers a sample only, so that equal ones do not prove equal data.
     */
    DatasetChange: {
      role: string;
      kind: string;
      /** @default false */
      fingerprint_changed: boolean;
      /** @default null */
      shape_a: number[] | null;
      /** @default null */
      shape_b: number[] | null;
      /** @default [] */
      columns_added: string[];
      /** @default [] */
      columns_removed: string[];
      /** @default [] */
      dtypes_changed: components['schemas']['Change'][];
      /** @default false */
      sampled: boolean;
    };
    /**
     * CellChange
     * @description One cell that differs.
     *
     *         Attributes
     *         ----------
     *         kind : str
     *             ``added``, ``removed`` or ``changed``.
     *         a, b : str or None
     *             Its source in each run; None where it was not run.
     *         diff : str
     *             The unified diff from `a` to `b`; empty for an added or removed cell.
     *         number_a, number_b : int or None
     *             Its place among the executions of each kernel.
     */
    CellChange: {
      kind: string;
      a: string | null;
      b: string | null;
      /** @default  */
      diff: string;
      /** @default null */
      number_a: number | null;
      /** @default null */
      number_b: number | null;
    };
    /**
     * Lineage
     * @description The graph around a run or a version of an artifact.
     *
     *         Attributes
     *         ----------
     *         root : str
     *             The id of what was asked about.
     *         nodes : list of LineageNode
     *             The root first, then by how far they are from it.
     *         edges : list of LineageEdge
     *             All that are known between the nodes.
     */
    Lineage: {
      root: string;
      nodes: components['schemas']['LineageNode'][];
      edges: components['schemas']['LineageEdge'][];
    };
    /**
     * LineageNode
     * @description A piece of data, a version of an artifact, or a run.
     *
     *         Attributes
     *         ----------
     *         id : str
     *             Names it in this graph.
     *         name : str
     *             Of data, the variable that held it; of an artifact, its reference.
     *         about : str
     *             What it is, in a few words.
     *         reference : str
     *             What to ask for it: the run's id, ``scaler:3``, or the data's fingerprint.
     *         project : str or None
     *             Of a run or artifact.
     *         time : datetime or None
     *             When a run began, or an artifact was registered.
     *         more_before, more_after : int
     *             How many more it comes from, and how many more came of it, than the graph has.
     */
    LineageNode: {
      id: string;
      /** @enum {unknown} */
      kind: 'artifact' | 'data' | 'run';
      name: string;
      about: string;
      reference: string;
      /** @default null */
      project: string | null;
      /** @default null */
      time: string | null;
      /** @default 0 */
      more_before: number;
      /** @default 0 */
      more_after: number;
    };
    /**
     * LineageEdge
     * @description A tie: what is at its target came later.
     *
     *         Attributes
     *         ----------
     *         source, target : str
     *             Ids of nodes.
     *         kind : str
     *             ``read`` (data, by a run), ``used`` (an artifact, by a run), ``made`` (an artifact, by a run) or
     *             ``part`` (a run of another, such as a search's candidate).
     *         role : str
     *             What data was to a run, such as ``X``.
     */
    LineageEdge: {
      source: string;
      target: string;
      /** @enum {unknown} */
      kind: 'made' | 'part' | 'read' | 'used';
      /** @default  */
      role: string;
    };
    /**
     * JournalPlace
     * @description How far a journal has been shipped: where to go on from.
     */
    JournalPlace: {
      segment: number;
      offset: number;
      final: boolean;
    };
    /**
     * FilePlace
     * @description How far a file has been shipped.
     */
    FilePlace: {
      offset: number;
      kept: boolean;
    };
    /**
     * ArtifactsPage
     * @description A page of artifacts, each as its newest version.
     */
    ArtifactsPage: {
      items: components['schemas']['ArtifactVersion'][];
      cursor: string | null;
    };
    /**
     * ArtifactVersion
     * @description One version of something that the library holds.
     *
     *         Attributes
     *         ----------
     *         name : str
     *             Of the artifact.
     *         version : int
     *             From 1.
     *         type : str
     *             What it is, such as ``feature_pipeline``.
     *         format : str
     *             How its bytes are read, such as ``source`` or ``parquet``.
     *         project, owner : str
     *             Of the artifact: where it was first registered, and by whom.
     *         creator : str
     *             Who registered this version.
     *         created : datetime
     *             When.
     *         description : str
     *             Of the artifact.
     *         tags : list of str
     *             Of the artifact.
     *         aliases : list of str
     *             Those that point at this version.
     *         private : bool
     *             Whether its owner alone sees it.
     *         archived : bool
     *             Whether the version, or the whole artifact, was put away.
     *         purged : bool
     *             Whether its content was taken away for good: then only its number is left, and who used it.
     *         sha256 : str
     *             Of the bytes.
     *         size : int
     *             In bytes.
     *         media_type : str
     *         run_id, execution_id : str or None
     *             The run and the cell that it came from.
     *         registration : str
     *             Names this version whatever becomes of its artifact's name.
     *         about : dict
     *             What is known of the content, such as its signature, columns or requirements.
     */
    ArtifactVersion: {
      name: string;
      version: number;
      type: string;
      format: string;
      project: string;
      owner: string;
      creator: string;
      created: string;
      /** @default  */
      description: string;
      /** @default [] */
      tags: string[];
      /** @default [] */
      aliases: string[];
      /** @default false */
      private: boolean;
      /** @default false */
      archived: boolean;
      /** @default false */
      purged: boolean;
      sha256: string;
      size: number;
      media_type: string;
      /** @default null */
      run_id: string | null;
      /** @default null */
      execution_id: string | null;
      registration: string;
      /** @default {} */
      about: Record<string, unknown>;
    };
    /**
     * Registration
     * @description What is said of a version when it is registered.
     *
     *         Attributes
     *         ----------
     *         name : str
     *             Of the artifact.
     *         type, format, media_type : str
     *             What it is, and how its bytes are read; by default a file, which is given back as it is.
     *         project : str
     *             Where the artifact is registered if it is new.
     *         description : str or None
     *             None leaves the artifact's.
     *         tags, aliases : list of str
     *             Tags are added to the artifact's; an alias moves to this version.
     *         private : bool
     *             Whether nobody else sees it.
     *         run_id : str or None
     *             The run that it came from.
     *         about : dict
     *             What is known of the content; plain data.
     *         text : str
     *             What search looks at besides the name and the description.
     */
    Registration: {
      name: string;
      /** @default dataset */
      type: string;
      /** @default file */
      format: string;
      /** @default application/octet-stream */
      media_type: string;
      /** @default default */
      project: string;
      /** @default null */
      description: string | null;
      /** @default [] */
      tags: string[];
      /** @default [] */
      aliases: string[];
      /** @default false */
      private: boolean;
      /** @default null */
      run_id: string | null;
      /** @default {} */
      about: Record<string, unknown>;
      /** @default  */
      text: string;
    };
    /**
     * Found
     * @description What a search found.
     *
     *         Attributes
     *         ----------
     *         hits : list of Hit
     *             The best first.
     *         total : int
     *             How many there are in all.
     *         facets : dict
     *             By ``type``, ``tag``, ``project`` and ``owner``: how many of all that were found have each value.
     *         semantic : bool
     *             Whether it was searched by meaning, too.
     *         note : str
     *             What kept the search from finding more; empty if nothing did.
     */
    Found: {
      hits: components['schemas']['Hit'][];
      total: number;
      facets: {
        [key: string]: {
          [key: string]: number;
        };
      };
      semantic: boolean;
      note: string;
    };
    /**
     * Hit
     * @description An artifact that was found.
     *
     *         Attributes
     *         ----------
     *         artifact : ArtifactVersion
     *             Its newest version that is not archived.
     *         score : float
     *             From 0 to 1; 1 where it is the first by words and by meaning, or its name was asked for. 0 where
     *             nothing was asked but filters.
     *         why : list of str
     *             What of it matches.
     */
    Hit: {
      artifact: components['schemas']['ArtifactVersion'];
      score: number;
      why: string[];
    };
    /**
     * Impact
     * @description How much better than comparable ones did projects that used an artifact: an association, not a cause.
     *
     *         Attributes
     *         ----------
     *         effect, low, high : float or None
     *             The partially pooled estimate and the ends of its interval; None where it is unknown.
     *         projects_with, projects_without : int
     *             Comparable projects that used it, and that did without.
     *         runs_with : int
     *             The comparable runs that used it; they are told, and do not count.
     *         comparison : str or None
     *             What made them comparable: the same task and ``dataset``, or the same ``task`` only.
     *         unit : str
     *             Of the effect.
     *         reason : str
     *             What is known, or why nothing is, in one sentence.
     *         metric : str or None
     *             The metric that most of the comparison was made by, if there is one.
     *         scale : float or None
     *             What an effect of 1 is in the unit of that metric; of its logarithm, where differences are ratios.
     */
    Impact: {
      name: string;
      /** @enum {unknown} */
      status: 'estimated' | 'unknown';
      /** @default null */
      effect: number | null;
      /** @default null */
      low: number | null;
      /** @default null */
      high: number | null;
      /** @default 0 */
      projects_with: number;
      /** @default 0 */
      projects_without: number;
      /** @default 0 */
      runs_with: number;
      /** @default null */
      comparison: ('dataset' | 'task') | null;
      /** @default standard deviations of comparable runs */
      unit: string;
      /** @default  */
      reason: string;
      /** @default null */
      metric: string | null;
      /** @default null */
      scale: number | null;
    };
    /**
     * Usage
     * @description How much an artifact was used.
     *
     *         Attributes
     *         ----------
     *         projects, runs : int
     *             Those that used it.
     *         created : datetime
     *             When its first version was registered.
     *         last : datetime or None
     *             The latest use; None if there was none.
     */
    Usage: {
      name: string;
      type: string;
      created: string;
      /** @default 0 */
      projects: number;
      /** @default 0 */
      runs: number;
      /** @default null */
      last: string | null;
    };
    /**
     * Trend
     * @description Whether an artifact is used more in these days than in the weeks before.
     *
     *         Attributes
     *         ----------
     *         recent, before : int
     *             Uses in the last 7 days and in the 28 days before; a project counts once a day.
     *         ratio, low, high : float or None
     *             Of the rates, and the ends of its interval; None where it is unknown.
     *         reason : str
     *             What is known, or why nothing is, in one sentence.
     */
    Trend: {
      name: string;
      /** @enum {unknown} */
      status: 'estimated' | 'unknown';
      recent: number;
      before: number;
      /** @default null */
      ratio: number | null;
      /** @default null */
      low: number | null;
      /** @default null */
      high: number | null;
      /** @default  */
      reason: string;
    };
    /**
     * ArtifactEdit
     * @description What to change of an artifact; what is left out stays.
     */
    ArtifactEdit: {
      /** @default null */
      description: string | null;
      /** @default null */
      tags: string[] | null;
      /** @default null */
      archived: boolean | null;
    };
    /**
     * ArtifactUse
     * @description A use of a version: counted once for each project and run.
     */
    ArtifactUse: {
      name: string;
      version: number;
      project: string;
      user: string;
      time: string;
      /** @default null */
      run_id: string | null;
      /** @default false */
      purged: boolean;
    };
    /**
     * VersionEdit
     * @description What to change of a version.
     */
    VersionEdit: {
      archived: boolean;
    };
    /**
     * CardDocument
     * @description A model card.
     *
     *         Attributes
     *         ----------
     *         artifact : ArtifactVersion
     *         sections : list of CardSection
     *             All of `SECTIONS`.
     *         metrics : list of CardMetric
     *         impact : Impact
     *             An association, not a cause.
     *         lineage : Lineage
     *         task : str or None
     *             Such as ``classification``, as far as the run's target tells.
     *         framework : str or None
     *             The library that the object is of, such as ``sklearn``.
     *         data : CardData or None
     *             What was learned from.
     *         datasets : list of str
     *             The library's datasets that the run has used.
     *         edition : str
     *             A sha256 over the artifact's name and all that people have written: another if any of it has changed.
     */
    CardDocument: {
      artifact: components['schemas']['ArtifactVersion'];
      sections: components['schemas']['CardSection'][];
      metrics: components['schemas']['CardMetric'][];
      impact: components['schemas']['Impact'];
      lineage: components['schemas']['Lineage'];
      /** @default null */
      task: string | null;
      /** @default null */
      framework: string | null;
      /** @default null */
      data: components['schemas']['CardData'] | null;
      /** @default [] */
      datasets: string[];
      edition: string;
    };
    /**
     * CardSection
     * @description A section of a card.
     *
     *         Attributes
     *         ----------
     *         key, title : str
     *             Of `SECTIONS`.
     *         said : list of str
     *             Sentences that are filled in.
     *         tables : list of CardTable
     *             Filled in, too.
     *         text : str
     *             What people have written, in Markdown.
     *         digest : str
     *             The sha256 of `text`: to be given back with an edit.
     *         editor, edited, version : str, datetime and int, or None
     *             Who wrote it last, when, and for which version; None where nobody did.
     */
    CardSection: {
      key: string;
      title: string;
      /** @default [] */
      said: string[];
      /** @default [] */
      tables: components['schemas']['CardTable'][];
      /** @default  */
      text: string;
      digest: string;
      /** @default null */
      editor: string | null;
      /** @default null */
      edited: string | null;
      /** @default null */
      version: number | null;
    };
    /**
     * CardTable
     * @description A table that is filled in; every value is text.
     */
    CardTable: {
      columns: string[];
      rows: string[][];
    };
    /**
     * CardMetric
     * @description A metric of the run that an artifact came from.
     *
     *         Attributes
     *         ----------
     *         key : str
     *             As it was recorded.
     *         metric : str
     *             The name that runs share, such as ``accuracy``; else the key.
     *         value : float or None
     *             None where it is no finite number; `shown` says what it is.
     *         low, high : float or None
     *             The ends of the interval; None where the value was not resampled, or it is not known how.
     *         std : float or None
     *             The standard deviation over the folds.
     *         folds : int or None
     *             How many values it is the mean of.
     *         training : bool
     *             Whether it was measured on the data that the model was trained with.
     *         method : str
     *             How the interval was made, or why there is none.
     */
    CardMetric: {
      key: string;
      metric: string;
      value: number | null;
      shown: string;
      /** @default null */
      low: number | null;
      /** @default null */
      high: number | null;
      /** @default null */
      std: number | null;
      /** @default null */
      folds: number | null;
      /** @default false */
      training: boolean;
      /** @default not resampled */
      method: string;
    };
    /**
     * CardData
     * @description Data that an artifact was made with, as a card's metadata names it.
     */
    CardData: {
      name: string;
      fingerprint: string;
    };
    /**
     * CardChange
     * @description What to write on a card.
     */
    CardChange: {
      sections: {
        [key: string]: components['schemas']['NewText'];
      };
    };
    /**
     * NewText
     * @description A text for a section.
     */
    NewText: {
      text: string;
      expected: string;
    };
    /**
     * Pointed
     * @description What an alias points at.
     */
    Pointed: {
      version: number;
    };
    /**
     * ArtifactFits
     * @description What of the library fits a notebook.
     *
     *         Attributes
     *         ----------
     *         fits : list of ArtifactFit
     *             The best first, as far as they fit and have contributed; empty where nothing fits.
     *         looked : int
     *             Among how many artifacts it was looked.
     *         semantic : bool
     *             Whether by meaning, too.
     *         note : str
     *             Why there is none, or what kept it from finding more; empty if all is well.
     */
    ArtifactFits: {
      /** @default [] */
      fits: components['schemas']['ArtifactFit'][];
      /** @default 0 */
      looked: number;
      /** @default false */
      semantic: boolean;
      /** @default  */
      note: string;
    };
    /**
     * ArtifactFit
     * @description Something of the library that fits a notebook, and why.
     *
     *         Attributes
     *         ----------
     *         artifact : ArtifactVersion
     *             Its newest version that is not archived.
     *         score : float
     *             From 0 to 1: how well it fits, as if nothing were known of its impact.
     *         reasons : list of str
     *             What of the notebook it goes with.
     *         columns : list of str
     *             Those of the notebook's tables that it names.
     *         impact : Impact
     *             What it contributed, if that is known.
     *         usage : Usage
     *             How much it is used.
     *         how : list of str
     *             How to use it: lines of code or magics.
     */
    ArtifactFit: {
      artifact: components['schemas']['ArtifactVersion'];
      score: number;
      reasons: string[];
      columns: string[];
      impact: components['schemas']['Impact'];
      usage: components['schemas']['Usage'];
      how: string[];
    };
    /**
     * NotebookAtHand
     * @description What is known of a notebook for which something of the library is looked for: never its data.
     */
    NotebookAtHand: {
      /**
       * @description In full, such as sklearn.cluster.KMeans.
       * @default []
       */
      imports: string[];
      /**
       * @description The latest cells' sources, the last one at the end.
       * @default []
       */
      cells: string[];
      /**
       * @description Their schemas.
       * @default []
       */
      tables: components['schemas']['TableAtHand'][];
      /**
       * @description The project's name.
       * @default
       */
      project: string;
      /**
       * @description What the project is about.
       * @default
       */
      description: string;
      /**
       * @description Its path: what its runs have used is left out.
       * @default
       */
      notebook: string;
      /**
       * @description Names that it has used or registered: they are left out.
       * @default []
       */
      used: string[];
      /**
       * @description How many at most.
       * @default 5
       */
      n: number;
    };
    /**
     * TableAtHand
     * @description The schema of a table in a notebook: never what is in it.
     */
    TableAtHand: {
      /** @description What the notebook calls it. */
      name: string;
      /** @description The type of each column. */
      columns: {
        [key: string]: string;
      };
    };
    /**
     * ModelForecasts
     * @description What to try on a dataset, the most promising first.
     *
     *         Attributes
     *         ----------
     *         score : str
     *             What is forecast; higher is better.
     *         datasets, team_datasets, file_datasets : int
     *             How many past datasets were learnt from, how many of these are known from runs, and how many from
     *             files of knowledge.
     *         far : bool
     *             Whether the data are unlike all of them.
     *         calibrated : bool
     *             Whether the history is long enough to know how often its intervals hold.
     *         described : bool
     *             Whether runs on the data tell its meta-features in full.
     *         note : str
     *             Why there is nothing to suggest, or why it may be wrong.
     */
    ModelForecasts: {
      task: string;
      score: string;
      /** @default [] */
      models: components['schemas']['ModelForecast'][];
      /** @default [] */
      tried: components['schemas']['TriedModel'][];
      /** @default 0 */
      datasets: number;
      /** @default 0 */
      team_datasets: number;
      /** @default 0 */
      file_datasets: number;
      /** @default false */
      far: boolean;
      /** @default true */
      calibrated: boolean;
      /** @default false */
      described: boolean;
      /** @default  */
      note: string;
    };
    /**
     * ModelForecast
     * @description A config that is worth trying, and what to expect of it.
     *
     *         Attributes
     *         ----------
     *         config : str
     *         family : str
     *         estimator : str
     *             The dotted path of its class.
     *         params : dict
     *             As runs keep them.
     *         mean, low, high : float
     *             The score to expect, and the ends of its 80 % interval.
     *         seconds : float or None
     *             How long a fit takes; None where nothing like it was timed.
     *         similar : list of SimilarDataset
     *             The most alike of those that it was tried on, and at least one that runs were on, if there is one.
     */
    ModelForecast: {
      config: string;
      family: string;
      estimator: string;
      params: {
        [key: string]: string | number | boolean | null;
      };
      mean: number;
      low: number;
      high: number;
      /** @default null */
      seconds: number | null;
      /** @default [] */
      similar: components['schemas']['SimilarDataset'][];
    };
    /**
     * SimilarDataset
     * @description A past dataset, and how a config did on it.
     *
     *         Attributes
     *         ----------
     *         likeness : float
     *             How far it is believed to be like the one that is asked about: a share, all past datasets have 1.
     *         runs : list of str
     *             Those of one's own or the team's that tried the config there.
     */
    SimilarDataset: {
      name: string;
      likeness: number;
      score: number;
      /** @default null */
      rows: number | null;
      /** @default null */
      columns: number | null;
      /** @default [] */
      runs: string[];
    };
    /**
     * TriedModel
     * @description A run on the very data that is asked about, and what came of it.
     *
     *         Attributes
     *         ----------
     *         config : str or None
     *             The config that it tried; None where it is none that forecasts know.
     *         score : float or None
     *             None where it has none of the kind that is forecast, or it failed.
     *         metric : str
     *             What came of it instead, in a word and a number.
     *         rows : int or None
     *             How many rows it saw, where they were a part of the data only, so that it does not count.
     */
    TriedModel: {
      name: string;
      run_id: string;
      user: string;
      status: components['schemas']['Status'];
      /** @default null */
      config: string | null;
      /** @default null */
      score: number | null;
      /** @default  */
      metric: string;
      /** @default null */
      rows: number | null;
    };
    /**
     * ModelQuestion
     * @description What is to be predicted from which data, as far as suggestions have to know: never the data.
     */
    ModelQuestion: {
      /** @enum {unknown} */
      task: 'classification' | 'regression';
      /** @description By name, as in docs/suggestions.md; null where unknown. */
      metafeatures: {
        [key: string]: number | null;
      };
      /**
       * @description The fingerprints of X and y with a colon between: runs on them are no history.
       * @default []
       */
      data: string[];
      /**
       * @description Scores of configs tried on the data, besides those of runs; null if failed.
       * @default {}
       */
      tried: {
        [key: string]: number | null;
      };
      /**
       * @description How many at most.
       * @default 5
       */
      n: number;
      /** @default null */
      seconds: number | null;
      /**
       * @description Packages that are not installed where it is to run.
       * @default []
       */
      without: string[];
    };
    /**
     * ParameterInsight
     * @description Which parameters mattered for a metric: an association in the runs that there are, no cause.
     */
    ParameterInsight: {
      metric: string;
      runs: number;
      datasets: number;
      /** @default null */
      explained: number | null;
      /** @default null */
      explained_low: number | null;
      /** @default null */
      explained_high: number | null;
      /** @default [] */
      parameters: components['schemas']['ParameterImportance'][];
      /** @default [] */
      pairs: components['schemas']['ParameterPair'][];
      /** @default  */
      note: string;
    };
    /**
     * ParameterImportance
     * @description How much of what differs between runs one parameter explains alone.
     */
    ParameterImportance: {
      name: string;
      share: number;
      low: number;
      high: number;
      matters: boolean;
      /** @default [] */
      effects: components['schemas']['ParameterEffect'][];
      /** @default null */
      direction: ('larger' | 'middle' | 'smaller') | null;
      /** @default null */
      choice: string | null;
    };
    /**
     * ParameterEffect
     * @description How good runs are with some values of a parameter, over all values of the others, beside the mean.
     */
    ParameterEffect: {
      label: string;
      effect: number;
      low: number;
      high: number;
      promising: boolean;
      /** @default null */
      low_value: number | null;
      /** @default null */
      high_value: number | null;
    };
    /**
     * ParameterPair
     * @description How much two parameters explain together, beyond what each does alone.
     */
    ParameterPair: {
      names: [string, string];
      share: number;
      low: number;
      high: number;
    };
    /**
     * Upload
     * @description A file on its way into the library.
     *
     *         Attributes
     *         ----------
     *         id : str
     *         size : int
     *             Of the whole file, in bytes.
     *         sha256 : str
     *             Of the whole file.
     *         offset : int
     *             Where the next piece belongs.
     */
    Upload: {
      id: string;
      size: number;
      sha256: string;
      offset: number;
    };
    /**
     * NewUpload
     * @description What is to be uploaded.
     */
    NewUpload: {
      /** @description Of the whole file, in bytes. */
      size: number;
      /** @description Of the whole file. */
      sha256: string;
    };
    /**
     * EventsPage
     * @description What has happened since a number, one by one.
     *
     *         Attributes
     *         ----------
     *         last : int
     *             The number to go on from, also where the items are none, or somebody else's.
     *         reset : bool
     *             Whether more has happened than is kept: then what was shown has to be read anew.
     */
    EventsPage: {
      items: components['schemas']['RunEvent'][];
      last: number;
      /** @default false */
      reset: boolean;
    };
    /**
     * RunEvent
     * @description Something that happened to a run, or a warning.
     *
     *         Attributes
     *         ----------
     *         number : int
     *             Later changes have higher numbers.
     *         kinds : list of str
     *             Of ``started``, ``changed``, ``metrics``, ``ended`` and ``warning``.
     */
    RunEvent: {
      number: number;
      time: string;
      kinds: string[];
      /** @default null */
      run_id: string | null;
      /** @default null */
      text: string | null;
    };
    /**
     * AuditLine
     * @description One change that somebody made.
     *
     *         Attributes
     *         ----------
     *         before, after : str or None
     *             The sha256 of what was changed, as it was and as it is; None where there was or is nothing.
     *         previous : str
     *             The digest of the line before.
     *         digest : str
     *             The sha256 over this line and `previous`.
     */
    AuditLine: {
      number: number;
      time: string;
      actor: string;
      action: string;
      resource: string;
      before: string | null;
      after: string | null;
      previous: string;
      digest: string;
    };
    /**
     * Alive
     * @description That it lives.
     */
    Alive: {
      status: string;
    };
    /**
     * Ready
     * @description Whether it is ready, and what each part says.
     */
    Ready: {
      ready: boolean;
      version: string;
      parts: {
        [key: string]: string;
      };
    };
    /**
     * ReadyMessage
     * @description The first message: what happens after this number will be told.
     */
    ReadyMessage: {
      /** @enum {unknown} */
      type: 'ready';
      last: number;
    };
    /**
     * EventsMessage
     * @description What has happened since the message before, and the number to go on from.
     */
    EventsMessage: {
      /** @enum {unknown} */
      type: 'events';
      items: components['schemas']['LiveEvent'][];
      last: number;
    };
    /**
     * LiveEvent
     * @description All that has happened to a run since somebody looked, and how the run is now.
     *
     *         Attributes
     *         ----------
     *         number : int
     *             Of the latest of the events that are put together.
     *         name, project, status, status_reason : str or None
     *             The run's; None for a warning that is about no run.
     *         metrics : dict of str to float
     *             The latest values, of at most a hundred metrics.
     *         archived : datetime or None
     *             When it was put away, if it was.
     */
    LiveEvent: {
      number: number;
      time: string;
      kinds: string[];
      /** @default null */
      run_id: string | null;
      /** @default null */
      text: string | null;
      /** @default null */
      name: string | null;
      /** @default null */
      project: string | null;
      /** @default null */
      status: string | null;
      /** @default null */
      status_reason: string | null;
      /** @default {} */
      metrics: {
        [key: string]: number;
      };
      /** @default null */
      archived: string | null;
    };
    /**
     * ResetMessage
     * @description More has happened than is kept: what was shown has to be read anew.
     */
    ResetMessage: {
      /** @enum {unknown} */
      type: 'reset';
      last: number;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export interface operations {
  getProjects: {
    parameters: {
      query?: {
        start?: number;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Project'][];
        };
      };
    };
  };
  getProjectsName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Project'];
        };
      };
    };
  };
  getRuns: {
    parameters: {
      query?: {
        filter?: string;
        project?: string | null;
        order_by?: string | null;
        limit?: number;
        cursor?: string | null;
        fields?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunsPage'];
        };
      };
    };
  };
  getRunsCount: {
    parameters: {
      query?: {
        filter?: string;
        project?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Count'];
        };
      };
    };
  };
  getRunsMetrics: {
    parameters: {
      query?: {
        start?: number;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': string[];
        };
      };
    };
  };
  getRunsHistory: {
    parameters: {
      query?: {
        project?: string | null;
        utc_offset?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunHistory'];
        };
      };
    };
  };
  getRunsBest: {
    parameters: {
      query: {
        metric: string;
        project?: string | null;
        lower?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BestSoFar'];
        };
      };
    };
  };
  getRunsRun_id: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        run_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunDetail'];
        };
      };
    };
  };
  patchRunsRun_id: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        run_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Edit'];
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
    };
  };
  getRunsRun_idItself: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        run_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
    };
  };
  getRunsRun_idChildren: {
    parameters: {
      query?: {
        start?: number;
        limit?: number;
      };
      header?: never;
      path: {
        run_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'][];
        };
      };
    };
  };
  getRunsRun_idMetrics: {
    parameters: {
      query?: {
        start?: number;
        limit?: number;
      };
      header?: never;
      path: {
        run_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': string[];
        };
      };
    };
  };
  getRunsRun_idMetricsKey: {
    parameters: {
      query?: {
        max_points?: number;
      };
      header?: never;
      path: {
        run_id: string;
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Curve'];
        };
      };
    };
  };
  getRunsRun_idMetricsKeyPoints: {
    parameters: {
      query?: {
        start?: number;
        limit?: number;
      };
      header?: never;
      path: {
        run_id: string;
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
    };
  };
  getRunsRun_idDiffOther: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        run_id: string;
        other: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunDiff'];
        };
      };
    };
  };
  getRunsRun_idLineage: {
    parameters: {
      query?: {
        depth?: number;
        width?: number;
        limit?: number;
      };
      header?: never;
      path: {
        run_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Lineage'];
        };
      };
    };
  };
  getRunsRun_idFilesSha256: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        run_id: string;
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
      /** @description A part, as asked with Range. */
      206: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
    };
  };
  getFilesSha256: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
      /** @description A part, as asked with Range. */
      206: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
    };
  };
  getJournalsJournal: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        journal: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JournalPlace'];
        };
      };
    };
  };
  postJournalsJournal: {
    parameters: {
      query: {
        segment: number;
        offset: number;
        crc32: string;
        before?: number | null;
        final?: boolean;
      };
      header?: never;
      path: {
        journal: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/octet-stream': unknown;
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['JournalPlace'];
        };
      };
    };
  };
  putJournalsJournalFilesSha256: {
    parameters: {
      query: {
        offset: number;
        size: number;
        crc32: string;
      };
      header?: never;
      path: {
        journal: string;
        sha256: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/octet-stream': unknown;
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FilePlace'];
        };
      };
    };
  };
  getArtifacts: {
    parameters: {
      query?: {
        type?: string | null;
        project?: string | null;
        limit?: number;
        cursor?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactsPage'];
        };
      };
    };
  };
  postArtifacts: {
    parameters: {
      query: {
        upload: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Registration'];
      };
    };
    responses: {
      /** @description As asked. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'];
        };
      };
    };
  };
  getArtifactsSearch: {
    parameters: {
      query?: {
        q?: string;
        type?: string | null;
        tags?: string;
        any_tags?: string;
        project?: string | null;
        owner?: string | null;
        limit?: number;
        offset?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Found'];
        };
      };
    };
  };
  getArtifactsTop: {
    parameters: {
      query?: {
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Impact'][];
        };
      };
    };
  };
  getArtifactsUsed: {
    parameters: {
      query?: {
        limit?: number;
        project?: string | null;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Usage'][];
        };
      };
    };
  };
  getArtifactsTrending: {
    parameters: {
      query?: {
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Trend'][];
        };
      };
    };
  };
  getArtifactsUnused: {
    parameters: {
      query?: {
        limit?: number;
        days?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Usage'][];
        };
      };
    };
  };
  getArtifactsArchived: {
    parameters: {
      query?: {
        type?: string | null;
        tags?: string;
        project?: string | null;
        owner?: string | null;
        limit?: number;
        start?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'][];
        };
      };
    };
  };
  getArtifactsName: {
    parameters: {
      query?: {
        start?: number;
        limit?: number;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'][];
        };
      };
    };
  };
  patchArtifactsName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ArtifactEdit'];
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'];
        };
      };
    };
  };
  getArtifactsNameUsage: {
    parameters: {
      query?: {
        start?: number;
        limit?: number;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactUse'][];
        };
      };
    };
  };
  getArtifactsNameVersionsVersion: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
        version: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'];
        };
      };
    };
  };
  deleteArtifactsNameVersionsVersion: {
    parameters: {
      query?: {
        purge?: boolean;
      };
      header?: never;
      path: {
        name: string;
        version: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'];
        };
      };
    };
  };
  patchArtifactsNameVersionsVersion: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
        version: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['VersionEdit'];
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'];
        };
      };
    };
  };
  getArtifactsNameVersionsVersionContent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
        version: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
      /** @description A part, as asked with Range. */
      206: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': unknown;
        };
      };
    };
  };
  getArtifactsNameVersionsVersionCard: {
    parameters: {
      query?: {
        format?: 'html' | 'json' | 'markdown';
      };
      header?: never;
      path: {
        name: string;
        version: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CardDocument'];
          'application/octet-stream': unknown;
        };
      };
    };
  };
  patchArtifactsNameVersionsVersionCard: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
        version: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CardChange'];
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CardDocument'];
        };
      };
    };
  };
  getArtifactsNameVersionsVersionLineage: {
    parameters: {
      query?: {
        depth?: number;
        width?: number;
        limit?: number;
      };
      header?: never;
      path: {
        name: string;
        version: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Lineage'];
        };
      };
    };
  };
  putArtifactsNameAliasesAlias: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
        alias: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Pointed'];
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'];
        };
      };
    };
  };
  deleteArtifactsNameAliasesAlias: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
        alias: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactVersion'];
        };
      };
    };
  };
  postRecommendationsArtifacts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NotebookAtHand'];
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArtifactFits'];
        };
      };
    };
  };
  postRecommendationsModels: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ModelQuestion'];
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ModelForecasts'];
        };
      };
    };
  };
  getRecommendationsParameters: {
    parameters: {
      query: {
        metric: string;
        filter?: string;
        project?: string | null;
        lower?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ParameterInsight'];
        };
      };
    };
  };
  postUploads: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewUpload'];
      };
    };
    responses: {
      /** @description As asked. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Upload'];
        };
      };
    };
  };
  getUploadsUpload: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Upload'];
        };
      };
    };
  };
  deleteUploadsUpload: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Upload'];
        };
      };
    };
  };
  patchUploadsUpload: {
    parameters: {
      query: {
        offset: number;
        crc32: string;
      };
      header?: never;
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/octet-stream': unknown;
      };
    };
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Upload'];
        };
      };
    };
  };
  getEvents: {
    parameters: {
      query?: {
        after?: number;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventsPage'];
        };
      };
    };
  };
  getAudit: {
    parameters: {
      query?: {
        after?: number;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditLine'][];
        };
      };
    };
  };
  getHealthLive: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Alive'];
        };
      };
    };
  };
  getHealthReady: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Ready'];
        };
      };
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain': unknown;
        };
      };
    };
  };
  getOpenapiJson: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As asked. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, unknown>;
        };
      };
    };
  };
}

/** How each operation is asked for. */
export const OPERATIONS = {
  getProjects: { verb: 'GET', path: 'projects' },
  getProjectsName: { verb: 'GET', path: 'projects/{name}' },
  getRuns: { verb: 'GET', path: 'runs', shape: { of: 'RunsPage' } },
  getRunsCount: { verb: 'GET', path: 'runs/count' },
  getRunsMetrics: { verb: 'GET', path: 'runs/metrics' },
  getRunsHistory: { verb: 'GET', path: 'runs/history', shape: { of: 'RunHistory' } },
  getRunsBest: { verb: 'GET', path: 'runs/best', shape: { of: 'BestSoFar' } },
  getRunsRun_id: { verb: 'GET', path: 'runs/{run_id}', shape: { of: 'RunDetail' } },
  patchRunsRun_id: { verb: 'PATCH', path: 'runs/{run_id}', shape: { of: 'Run' } },
  getRunsRun_idItself: { verb: 'GET', path: 'runs/{run_id}/itself', shape: { of: 'Run' } },
  getRunsRun_idChildren: { verb: 'GET', path: 'runs/{run_id}/children', shape: { each: { of: 'Run' } } },
  getRunsRun_idMetrics: { verb: 'GET', path: 'runs/{run_id}/metrics' },
  getRunsRun_idMetricsKey: { verb: 'GET', path: 'runs/{run_id}/metrics/{key}', shape: { of: 'Curve' } },
  getRunsRun_idMetricsKeyPoints: { verb: 'GET', path: 'runs/{run_id}/metrics/{key}/points' },
  getRunsRun_idDiffOther: { verb: 'GET', path: 'runs/{run_id}/diff/{other}', shape: { of: 'RunDiff' } },
  getRunsRun_idLineage: { verb: 'GET', path: 'runs/{run_id}/lineage' },
  getRunsRun_idFilesSha256: { verb: 'GET', path: 'runs/{run_id}/files/{sha256}' },
  getFilesSha256: { verb: 'GET', path: 'files/{sha256}' },
  getJournalsJournal: { verb: 'GET', path: 'journals/{journal}' },
  postJournalsJournal: { verb: 'POST', path: 'journals/{journal}' },
  putJournalsJournalFilesSha256: { verb: 'PUT', path: 'journals/{journal}/files/{sha256}' },
  getArtifacts: { verb: 'GET', path: 'artifacts' },
  postArtifacts: { verb: 'POST', path: 'artifacts' },
  getArtifactsSearch: { verb: 'GET', path: 'artifacts/search', shape: { of: 'Found' } },
  getArtifactsTop: { verb: 'GET', path: 'artifacts/top', shape: { each: { of: 'Impact' } } },
  getArtifactsUsed: { verb: 'GET', path: 'artifacts/used' },
  getArtifactsTrending: { verb: 'GET', path: 'artifacts/trending', shape: { each: { of: 'Trend' } } },
  getArtifactsUnused: { verb: 'GET', path: 'artifacts/unused' },
  getArtifactsArchived: { verb: 'GET', path: 'artifacts/archived' },
  getArtifactsName: { verb: 'GET', path: 'artifacts/{name}' },
  patchArtifactsName: { verb: 'PATCH', path: 'artifacts/{name}' },
  getArtifactsNameUsage: { verb: 'GET', path: 'artifacts/{name}/usage' },
  getArtifactsNameVersionsVersion: { verb: 'GET', path: 'artifacts/{name}/versions/{version}' },
  patchArtifactsNameVersionsVersion: { verb: 'PATCH', path: 'artifacts/{name}/versions/{version}' },
  deleteArtifactsNameVersionsVersion: { verb: 'DELETE', path: 'artifacts/{name}/versions/{version}' },
  getArtifactsNameVersionsVersionContent: {
    verb: 'GET',
    path: 'artifacts/{name}/versions/{version}/content'
  },
  getArtifactsNameVersionsVersionCard: {
    verb: 'GET',
    path: 'artifacts/{name}/versions/{version}/card',
    shape: { of: 'CardDocument' }
  },
  patchArtifactsNameVersionsVersionCard: {
    verb: 'PATCH',
    path: 'artifacts/{name}/versions/{version}/card',
    shape: { of: 'CardDocument' }
  },
  getArtifactsNameVersionsVersionLineage: {
    verb: 'GET',
    path: 'artifacts/{name}/versions/{version}/lineage'
  },
  putArtifactsNameAliasesAlias: { verb: 'PUT', path: 'artifacts/{name}/aliases/{alias}' },
  deleteArtifactsNameAliasesAlias: { verb: 'DELETE', path: 'artifacts/{name}/aliases/{alias}' },
  postRecommendationsArtifacts: {
    verb: 'POST',
    path: 'recommendations/artifacts',
    shape: { of: 'ArtifactFits' }
  },
  postRecommendationsModels: {
    verb: 'POST',
    path: 'recommendations/models',
    shape: { of: 'ModelForecasts' }
  },
  getRecommendationsParameters: {
    verb: 'GET',
    path: 'recommendations/parameters',
    shape: { of: 'ParameterInsight' }
  },
  postUploads: { verb: 'POST', path: 'uploads' },
  getUploadsUpload: { verb: 'GET', path: 'uploads/{upload}' },
  patchUploadsUpload: { verb: 'PATCH', path: 'uploads/{upload}' },
  deleteUploadsUpload: { verb: 'DELETE', path: 'uploads/{upload}' },
  getEvents: { verb: 'GET', path: 'events' },
  getAudit: { verb: 'GET', path: 'audit' },
  getHealthLive: { verb: 'GET', path: 'health/live' },
  getHealthReady: { verb: 'GET', path: 'health/ready' },
  getMetrics: { verb: 'GET', path: 'metrics' },
  getOpenapiJson: { verb: 'GET', path: 'openapi.json' }
} satisfies Record<keyof operations, Operation>;

/** Where numbers stand in what the operations give. */
export const SHAPES: Record<string, Shape> = {
  RunsPage: { parts: { items: { each: { of: 'ListedRun' } } } },
  ListedRun: { parts: { metrics: { each: 'number' } } },
  RunHistory: { parts: { total: { of: 'RunTotals' }, projects: { each: { of: 'RunTotals' } } } },
  RunTotals: { parts: { seconds: 'number' } },
  BestSoFar: { parts: { steps: { each: { of: 'BetterRun' } } } },
  BetterRun: { parts: { value: 'number' } },
  RunDetail: {
    parts: {
      run: { of: 'Run' },
      metrics: { each: { of: 'MetricSummary' } },
      datasets: { each: { of: 'Dataset' } },
      children: { each: { of: 'Run' } },
      unattached: { each: { of: 'UnattachedMetric' } }
    }
  },
  Run: { parts: { metrics: { each: 'number' } } },
  MetricSummary: { parts: { first: 'number', last: 'number', min: 'number', max: 'number' } },
  Dataset: {
    parts: { columns: { each: { of: 'Column' } }, missing: 'number', metafeatures: { each: 'number' } }
  },
  Column: { parts: { '2': 'number' } },
  UnattachedMetric: { parts: { value: 'number' } },
  Curve: { parts: { values: { each: 'number' } } },
  RunDiff: {
    parts: {
      a: { of: 'Run' },
      b: { of: 'Run' },
      metrics: { each: { of: 'MetricChange' } },
      duration: { of: 'MetricChange' }
    }
  },
  MetricChange: { parts: { a: 'number', b: 'number', difference: 'number', relative: 'number' } },
  Found: { parts: { hits: { each: { of: 'Hit' } } } },
  Hit: { parts: { score: 'number' } },
  Impact: { parts: { effect: 'number', low: 'number', high: 'number', scale: 'number' } },
  Trend: { parts: { ratio: 'number', low: 'number', high: 'number' } },
  CardDocument: { parts: { metrics: { each: { of: 'CardMetric' } }, impact: { of: 'Impact' } } },
  CardMetric: { parts: { value: 'number', low: 'number', high: 'number', std: 'number' } },
  ArtifactFits: { parts: { fits: { each: { of: 'ArtifactFit' } } } },
  ArtifactFit: { parts: { score: 'number', impact: { of: 'Impact' } } },
  ModelForecasts: {
    parts: { models: { each: { of: 'ModelForecast' } }, tried: { each: { of: 'TriedModel' } } }
  },
  ModelForecast: {
    parts: {
      mean: 'number',
      low: 'number',
      high: 'number',
      seconds: 'number',
      similar: { each: { of: 'SimilarDataset' } }
    }
  },
  SimilarDataset: { parts: { likeness: 'number', score: 'number' } },
  TriedModel: { parts: { score: 'number' } },
  ModelQuestion: {
    parts: { metafeatures: { each: 'number' }, tried: { each: 'number' }, seconds: 'number' }
  },
  ParameterInsight: {
    parts: {
      explained: 'number',
      explained_low: 'number',
      explained_high: 'number',
      parameters: { each: { of: 'ParameterImportance' } },
      pairs: { each: { of: 'ParameterPair' } }
    }
  },
  ParameterImportance: {
    parts: { share: 'number', low: 'number', high: 'number', effects: { each: { of: 'ParameterEffect' } } }
  },
  ParameterEffect: {
    parts: { effect: 'number', low: 'number', high: 'number', low_value: 'number', high_value: 'number' }
  },
  ParameterPair: { parts: { share: 'number', low: 'number', high: 'number' } },
  EventsMessage: { parts: { items: { each: { of: 'LiveEvent' } } } },
  LiveEvent: { parts: { metrics: { each: 'number' } } }
};
