/** What the dashboard says of many runs: how many a day, how they ended, how long they took, and the best so far. */
import { lowerIsBetter } from './better.js';
import { secondsOf, type Row } from './runs_list.js';

/** The runs of one day, in the browser's time. */
export interface Day {
  /** As 2026-11-26. */
  date: string;
  well: number;
  /** Failed or killed. */
  badly: number;
  running: number;
}

/** The best value of a metric up to some time. */
export interface Best {
  time: number;
  value: number;
  run: string;
  name: string;
}

export interface History {
  /** From the first day with runs to the last, those without in between, too. */
  days: readonly Day[];
  /** How long all took together. */
  seconds: number;
  /** How many ended well, badly, and go on. */
  well: number;
  badly: number;
  running: number;
  metric: string | undefined;
  lower: boolean;
  /** Only where it became better; the oldest first. */
  best: readonly Best[];
}

/** The days that are shown at most. */
const DAYS = 60;
const DAY = 86_400_000;

/** Puts runs together, the newest first. */
export function historyOf(rows: readonly Row[], now: number, wanted = ''): History {
  const metric = commonMetric(rows, wanted);
  const lower = metric !== undefined && lowerIsBetter(metric);
  const count = (...statuses: string[]): number =>
    rows.filter(({ status }) => statuses.includes(status)).length;
  return {
    days: daysOf(rows),
    seconds: rows.reduce((sum, row) => sum + secondsOf(row, now), 0),
    well: count('FINISHED'),
    badly: count('FAILED', 'KILLED'),
    running: count('RUNNING'),
    metric,
    lower,
    best: metric === undefined ? [] : bestOf(rows, metric, lower)
  };
}

/** Gives the metric that most runs have, but none of training data where there is another. */
function commonMetric(rows: readonly Row[], wanted: string): string | undefined {
  const counts = new Map<string, number>();
  for (const { metrics } of rows) {
    for (const key of Object.keys(metrics)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  if (counts.has(wanted)) return wanted;
  const isTraining = (key: string): number => Number(key.startsWith('training_'));
  const order = [...counts].sort(([a, m], [b, n]) => isTraining(a) - isTraining(b) || n - m);
  return order[0]?.[0];
}

function bestOf(rows: readonly Row[], metric: string, lower: boolean): Best[] {
  const best: Best[] = [];
  for (const { run_id, name, start_time, metrics } of [...rows].reverse()) {
    const value = metrics[metric];
    if (value === undefined || !Number.isFinite(value)) continue;
    const before = best.at(-1)?.value;
    if (before === undefined || (lower ? value < before : value > before)) {
      best.push({ time: Date.parse(start_time), value, run: run_id, name });
    }
  }
  return best;
}

function daysOf(rows: readonly Row[]): Day[] {
  const days = new Map<string, Day>();
  const latest = rows[0];
  const first = rows.at(-1);
  if (latest === undefined || first === undefined) return [];
  const end = Date.parse(latest.start_time);
  const begin = Math.max(Date.parse(first.start_time), end - (DAYS - 1) * DAY);
  // From noon to noon: a day may have an hour less or more.
  for (let time = new Date(begin).setHours(12); dateOf(time) <= dateOf(end); time += DAY) {
    const date = dateOf(time);
    days.set(date, { date, well: 0, badly: 0, running: 0 });
  }
  for (const { start_time, status } of rows) {
    const day = days.get(dateOf(Date.parse(start_time)));
    if (day === undefined) continue;
    if (status === 'FINISHED') day.well += 1;
    else if (status === 'RUNNING') day.running += 1;
    else day.badly += 1;
  }
  return [...days.values()];
}

function dateOf(time: number): string {
  const date = new Date(time);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
