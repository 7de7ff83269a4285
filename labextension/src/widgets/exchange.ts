/** Asks the kernel, and ties its answers to the questions: only the newest of each kind counts. */
import { MaestroError } from '../api/errors.js';
import { newId } from './ids.js';
import { type Model } from './model.js';

/** An answer: plain data, and numbers as bytes. */
export interface Answer<Said> {
  said: Said;
  buffers: readonly DataView[];
}

interface Waiting {
  resolve: (answer: Answer<never>) => void;
  reject: (error: Error) => void;
}

/** After how many milliseconds without an answer the kernel is said to be busy. */
export const PATIENCE = 1200;

/** A question that a newer one of its kind has taken the place of. */
export class Superseded extends Error {
  override name = 'Superseded';
}

/** The questions of one view, and the answers that are awaited. */
export class Exchange {
  private readonly waiting = new Map<string, Waiting>();
  private readonly newest = new Map<string, string>();
  private readonly late = new Set<string>();

  constructor(
    private readonly model: Model,
    /** Is told whether answers take long, as when a cell is running. */
    private readonly onLate: (late: boolean) => void = () => undefined
  ) {
    model.on('msg:custom', this.receive);
  }

  /** Asks, and gives up what was asked of this kind before and is not answered yet. */
  async newestOf<Said>(kind: string, given: object): Promise<Answer<Said>> {
    const before = this.newest.get(kind);
    if (before !== undefined) this.settle(before)?.reject(new Superseded());
    const id = newId();
    this.newest.set(kind, id);
    return this.send(id, kind, given);
  }

  /** Asks; each question of the kind is answered. */
  async each<Said>(kind: string, given: object): Promise<Answer<Said>> {
    return this.send(newId(), kind, given);
  }

  /** Awaits nothing more. */
  close(): void {
    this.model.off('msg:custom', this.receive);
    for (const id of [...this.waiting.keys()]) this.settle(id)?.reject(new Superseded());
  }

  private async send<Said>(id: string, kind: string, given: object): Promise<Answer<Said>> {
    const answered = new Promise<Answer<Said>>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
    const timer = setTimeout(() => {
      this.late.add(id);
      this.onLate(true);
    }, PATIENCE);
    try {
      this.model.send({ ask: id, kind, given });
      return await answered;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
      if (this.late.delete(id)) this.onLate(this.late.size > 0);
    }
  }

  private settle(id: string): Waiting | undefined {
    const found = this.waiting.get(id);
    this.waiting.delete(id);
    return found;
  }

  private readonly receive = (content: unknown, buffers: readonly DataView[] = []): void => {
    const { answer, said, error } = content as Record<string, unknown>;
    if (typeof answer !== 'string') return;
    const waiting = this.settle(answer);
    if (waiting === undefined) return;
    if (error === undefined) waiting.resolve({ said: said as never, buffers });
    else waiting.reject(errorOf(error));
  };
}

/** Gives the numbers that an answer carries. */
export function numbersOf(bytes: DataView | undefined): Float64Array {
  if (bytes === undefined) return new Float64Array();
  // Copied, for they may begin at any byte.
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function errorOf(said: unknown): MaestroError {
  const { message, reason, hint } = said as { message: string; reason: string; hint: string };
  return new MaestroError(message, reason, hint);
}
