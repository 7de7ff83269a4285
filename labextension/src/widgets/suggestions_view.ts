/** Cards of what to try: the forecast with its interval, the evidence, the code, and what came of it. */
import { MaestroError } from '../api/errors.js';
import { el, say, svg } from './dom.js';
import { Superseded } from './exchange.js';
import { insert } from './inserting.js';
import { type Host } from './mount.js';
import { scoreShown } from './numbers.js';
import { table } from './tables.js';

interface Outcome {
  run: string;
  score: number | null;
  spread: number | null;
  error: string;
}

interface Card {
  config: string;
  estimator: string;
  mean: number;
  low: number;
  high: number;
  takes: string;
  evidence: string;
  /** Those that the evidence names, by their ids. */
  runs: string[];
  code: string;
  outcome: Outcome | null;
}

interface Setup {
  score: string;
  said: string;
  note: string;
  record: string;
  /** Runs on the very data. */
  tried: { name: string; run: string; came: string }[];
  cards: Card[];
}

const WIDTH = 260;

/** JupyterLab opens the run; elsewhere it is a text. */
const linkTo = (run: string, shown: string): HTMLElement =>
  el(
    'a',
    {
      class: 'maestro-run-link',
      'data-commandlinker-command': 'maestro-jupyter:open-run',
      'data-commandlinker-args': JSON.stringify({ run })
    },
    shown
  );

export class SuggestionsView {
  private readonly cards = el('ol', { class: 'maestro-cards' });
  private readonly head = el('div');
  private readonly before = el('div');
  private readonly record = el('div', { class: 'maestro-quiet' });
  private readonly wrong = el('div', { class: 'maestro-wrong', role: 'alert' });
  private readonly said = el('span', { role: 'status' });
  private readonly waiting = el('span', { role: 'status', class: 'maestro-quiet' });

  constructor(private readonly host: Host) {
    const line = el('div', { class: 'maestro-bar maestro-line' }, this.said, this.waiting);
    host.root.append(this.head, this.wrong, this.cards, this.before, this.record, line);
    this.act(async () => {
      const { said } = await this.host.exchange.newestOf<Setup>('setup', {});
      this.show(said);
    });
  }

  /** Says whether answers take long; while one is tried, that is said already. */
  readonly tellLate = (late: boolean): void => {
    const tries = this.cards.querySelector('[aria-busy=true]') !== null;
    say(this.waiting, late && !tries ? 'Waiting for the kernel…' : '');
  };

  private show({ said, note, record, tried, cards }: Setup): void {
    const warning = note === '' ? [] : [el('div', { class: 'maestro-warn' }, note)];
    this.head.replaceChildren(el('div', { class: 'maestro-quiet' }, said), ...warning);
    const reach = reachOf(cards);
    this.cards.replaceChildren(...cards.map((card, place) => this.card(card, place, reach)));
    const rows = tried.map(({ name, run, came }) => [name, linkTo(run, run.slice(0, 8)), came]);
    const before = table(['tried on these data', 'run', 'what came of it'], rows);
    this.before.replaceChildren(...(before === undefined ? [] : [before]));
    say(this.record, record);
  }

  private card(card: Card, place: number, reach: Reach): HTMLElement {
    const came = el('div', { class: 'maestro-came' });
    const item = el('li', { class: 'maestro-card' });
    const picture = el('div');
    const attempt = el('button', { type: 'button' }, 'Try it');
    const stop = el('button', { type: 'button', hidden: true }, 'Stop');
    const showOutcome = (outcome: Outcome | null): void => {
      picture.replaceChildren(pictureOf(card, outcome, reach));
      came.replaceChildren(...(outcome === null ? [] : [toldOf(card, outcome)]));
      attempt.hidden = outcome !== null;
    };
    attempt.addEventListener('click', () => {
      this.attempt(card, place, item, [attempt, stop], showOutcome);
    });
    stop.addEventListener('click', () => {
      stop.textContent = 'Stopping before the next fold…';
      this.act(async () => {
        await this.host.exchange.each('stop', { place });
      });
    });
    const copy = (): void => {
      void insert(card.code, item).then(done => {
        say(this.said, done);
      });
    };
    const forecast = `${scoreShown(card.mean)} (${scoreShown(card.low)} to ${scoreShown(card.high)})`;
    const takes = card.takes === '' ? '' : `, a fit takes about ${card.takes}`;
    item.append(
      el('div', { class: 'maestro-title' }, card.config),
      picture,
      el('div', {}, `expected ${forecast}${takes}`),
      came,
      el(
        'div',
        { class: 'maestro-bar' },
        el('button', { type: 'button', onclick: copy }, 'Insert code'),
        attempt,
        stop
      ),
      el(
        'details',
        {},
        el('summary', {}, 'Evidence'),
        el('p', {}, card.evidence),
        ...card.runs.flatMap(run => [linkTo(run, `Run ${run.slice(0, 8)}`), ' '])
      ),
      el('details', {}, el('summary', {}, 'Code'), el('pre', { tabindex: '0' }, el('code', {}, card.code)))
    );
    item.setAttribute('aria-label', card.config);
    showOutcome(card.outcome);
    return item;
  }

  private attempt(
    card: Card,
    place: number,
    item: HTMLElement,
    [button, stop]: readonly [HTMLButtonElement, HTMLButtonElement],
    done: (outcome: Outcome) => void
  ): void {
    const begun = Date.now();
    const tell = (): void => {
      say(this.said, `Trying ${card.config}: ${String(Math.round((Date.now() - begun) / 1000))} s…`);
    };
    const timer = setInterval(tell, 1000);
    tell();
    button.hidden = true;
    stop.hidden = false;
    stop.textContent = 'Stop';
    stop.focus();
    item.setAttribute('aria-busy', 'true');
    let isTried = false;
    this.act(async () => {
      try {
        const { said } = await this.host.exchange.each<{ outcome: Outcome | null; record: string }>('try', {
          place
        });
        isTried = said.outcome !== null;
        if (said.outcome !== null) done(said.outcome);
        say(this.record, said.record);
        say(this.said, `${said.outcome === null ? 'Stopped' : 'Tried'} ${card.config}.`);
      } finally {
        clearInterval(timer);
        const hadFocus = stop.matches(':focus');
        stop.hidden = true;
        button.hidden = isTried;
        if (hadFocus) (isTried ? item.querySelector('button') : button)?.focus();
        item.removeAttribute('aria-busy');
      }
    });
  }

  private act(does: () => Promise<void>): void {
    does().catch((error: unknown) => {
      if (error instanceof Superseded) return;
      if (!(error instanceof MaestroError)) throw error;
      say(this.wrong, `${error.message} ${error.hint}`.trim());
      say(this.said, '');
    });
  }
}

interface Reach {
  low: number;
  high: number;
}

/** Gives the reach of all forecasts and outcomes, so that cards can be compared by their pictures. */
function reachOf(cards: readonly Card[]): Reach {
  const ends = cards.flatMap(({ low, high, outcome }) => [low, high, outcome?.score ?? low]);
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

function pictureOf(card: Card, outcome: Outcome | null, { low, high }: Reach): SVGElement {
  const at = (value: number): string => {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return (8 + Math.min(1, Math.max(0, share)) * (WIDTH - 16)).toFixed(1);
  };
  const score = outcome?.score;
  const told = `forecast ${scoreShown(card.mean)}${typeof score === 'number' ? `, outcome ${scoreShown(score)}` : ''}`;
  const made = svg('svg', { width: String(WIDTH), height: '20', role: 'img', 'aria-label': told });
  const line = { stroke: '#3b82d6', 'stroke-width': '3', y1: '10', y2: '10' };
  made.append(svg('line', { ...line, x1: at(card.low), x2: at(card.high) }));
  made.append(svg('circle', { cx: at(card.mean), cy: '10', r: '5', fill: '#3b82d6' }));
  if (typeof score === 'number') {
    const x = Number(at(score));
    const points = `${String(x)},2 ${String(x + 6)},10 ${String(x)},18 ${String(x - 6)},10`;
    made.append(svg('polygon', { points, fill: 'none', stroke: 'currentColor', 'stroke-width': '2' }));
  }
  return made;
}

function toldOf(card: Card, { run, score, spread, error }: Outcome): HTMLElement {
  const link = run === '' ? 'not recorded' : linkTo(run, `run ${run.slice(0, 8)}`);
  if (score === null) return el('span', { class: 'maestro-bad' }, `✗ failed: ${error} (`, link, ')');
  const inside = score >= card.low && score <= card.high;
  const where = inside
    ? '✓ within the interval'
    : score > card.high
      ? '▲ above the interval'
      : '▼ below the interval';
  const said = `◇ ${scoreShown(score)} ± ${scoreShown(spread ?? 0)}, ${where} (`;
  return el('span', { class: inside ? 'maestro-good' : 'maestro-warn' }, said, link, ')');
}
