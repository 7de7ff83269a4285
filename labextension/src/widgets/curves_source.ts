/** Where curves come from: the kernel's store, over a widget's messages, or a server. */
import { type Exchange, numbersOf } from './exchange.js';
import { type Line, linesIn, type Part } from './lines.js';

/** What can be drawn. */
export interface Drawable {
  runs: { id: string; name: string; status: string }[];
  metrics: { key: string; lower: boolean }[];
  /** Whether runs have epochs to be drawn along. */
  epochs: boolean;
}

/** What is drawn: no more of each curve than `points`. */
export interface CurvesQuestion extends Part {
  metric: string;
  axis: string;
  points: number;
}

export interface CurvesSource {
  drawable: () => Promise<Drawable>;
  /** Gives a line for each run, in their order; one without points has none. */
  curves: (question: CurvesQuestion) => Promise<Line[]>;
}

/** Asks the kernel; `about` goes with each question, and `drawable` is what the first kind is called. */
export function kernelCurves(exchange: Exchange, drawable: string, about: object = {}): CurvesSource {
  return {
    drawable: async () => (await exchange.newestOf<Drawable>(drawable, about)).said,
    curves: async question => {
      const given = { ...about, ...question };
      const { said, buffers } = await exchange.newestOf<{ counts: number[] }>('curves', given);
      return linesIn(numbersOf(buffers[0]), said.counts);
    }
  };
}
