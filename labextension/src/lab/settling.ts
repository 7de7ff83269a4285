/** Acts once changes have settled, and after a while even where they go on and on. */

export class Settling {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private first: number | undefined;

  /** Acts `settled` milliseconds after the last change, and at most `longest` after the first. */
  constructor(
    private readonly act: () => void,
    private readonly settled: number,
    private readonly longest: number
  ) {}

  changed(): void {
    const now = Date.now();
    this.first ??= now;
    clearTimeout(this.timer);
    const pause = Math.max(0, Math.min(this.settled, this.first + this.longest - now));
    this.timer = setTimeout(() => {
      this.stop();
      this.act();
    }, pause);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.first = undefined;
  }
}
