/** The dashboard: how the experiments of a project go, or of all, shown anew as they go on. */
import { MaestroError } from '../api/errors.js';
import { el, say } from './dom.js';
import { Superseded } from './exchange.js';
import { nodesOf } from './markup.js';
import { type Host } from './mount.js';
import { poll } from './polling.js';

interface Board {
  html: string;
  projects: string[];
  metrics: string[];
  metric: string | null;
  running: number;
}

interface State {
  project?: string;
  metric?: string;
}

const OFTEN = 2000;
const SELDOM = 5000;
/** While runs go on, their hours do, too; after so many milliseconds they are asked for again. */
const STALE = 30_000;

export class DashboardView {
  /** The project that is shown; empty for all. */
  private project: string;
  /** The metric that was chosen; empty for the commonest. */
  private metric: string;
  private running = 0;
  private asked = 0;
  private seenUpTo = -1;
  private readonly projects = el('select', { 'aria-label': 'Project' });
  private readonly metrics = el('select', { 'aria-label': 'Metric' });
  private readonly board = el('div', { class: 'maestro-view maestro-board' });
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly waiting = el('span', { role: 'status', class: 'maestro-quiet' });

  constructor(private readonly host: Host) {
    const state = host.state as State;
    const given = host.given as { project: string | null; metric: string | null };
    this.project = state.project ?? given.project ?? '';
    this.metric = state.metric ?? given.metric ?? '';
    this.projects.addEventListener('change', () => {
      this.project = this.projects.value;
      this.choose();
    });
    this.metrics.addEventListener('change', () => {
      this.metric = this.metrics.value;
      this.choose();
    });
    const bar = el('div', { class: 'maestro-bar' }, this.projects, this.metrics, this.waiting);
    host.root.append(bar, this.wrong, this.board);
    this.act(async () => this.begin());
  }

  /** Says whether answers take long. */
  readonly tellLate = (late: boolean): void => {
    say(this.waiting, late ? 'Waiting for the kernel…' : '');
  };

  private async begin(): Promise<void> {
    const { said } = await this.host.exchange.newestOf<{ last: number }>('changes', { after: -1 });
    this.seenUpTo = said.last;
    await this.load();
    void poll(this.follow, () => (this.running > 0 ? OFTEN : SELDOM), this.host.seen, this.host.signal);
  }

  private choose(): void {
    this.host.keep({ project: this.project, metric: this.metric });
    this.board.setAttribute('aria-busy', 'true');
    this.act(async () => this.load());
  }

  private async load(): Promise<void> {
    const question = { project: orNull(this.project), metric: orNull(this.metric) };
    const { said } = await this.host.exchange.newestOf<Board>('board', question);
    this.asked = Date.now();
    this.running = said.running;
    this.board.removeAttribute('aria-busy');
    this.board.replaceChildren(nodesOf(said.html));
    offer(this.projects, [['', 'All projects'], ...named(said.projects)], this.project);
    offer(this.metrics, named(said.metrics), said.metric ?? '');
    this.metrics.hidden = said.metrics.length === 0;
    say(this.wrong, '');
  }

  private readonly follow = async (): Promise<void> => {
    try {
      const question = { after: this.seenUpTo };
      const { said } = await this.host.exchange.newestOf<{ last: number; runs: string[]; reset: boolean }>(
        'changes',
        question
      );
      this.seenUpTo = said.last;
      const goesOn = this.running > 0 && Date.now() - this.asked > STALE;
      if (said.reset || said.runs.length > 0 || goesOn) await this.load();
    } catch (error) {
      this.fail(error);
    }
  };

  private act(does: () => Promise<void>): void {
    does().catch((error: unknown) => {
      this.fail(error);
    });
  }

  private fail(error: unknown): void {
    if (error instanceof Superseded) return;
    if (!(error instanceof MaestroError)) throw error;
    this.board.removeAttribute('aria-busy');
    say(this.wrong, `${error.message} ${error.hint}`.trim());
  }
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

function named(names: readonly string[]): [string, string][] {
  return names.map(name => [name, name]);
}

/** Offers values with their names, where they are others than before: the list may be open just now. */
function offer(
  select: HTMLSelectElement,
  choices: readonly (readonly [string, string])[],
  chosen: string
): void {
  const known = choices.some(([value]) => value === chosen)
    ? choices
    : [...choices, [chosen, chosen] as const];
  const before = [...select.options].map(({ value }) => value);
  if (JSON.stringify(before) !== JSON.stringify(known.map(([value]) => value))) {
    select.replaceChildren(...known.map(([value, name]) => el('option', { value }, name)));
  }
  select.value = chosen;
}
