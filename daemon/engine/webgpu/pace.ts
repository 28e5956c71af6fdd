/**
 * How much work goes into one submission: enough that its fixed cost does not count, little enough that a
 * driver's watchdog stays quiet and a pause is answered soon. Learns from the time submissions took; the
 * split never changes a result.
 */

/** Wall time one submission should take. */
const TARGET_MS = 100;
/** One slow or interrupted submission must not distort the rate by more than this factor. */
const MAX_CHANGE = 4;

export class Pace {
  #workPerMs: number;

  constructor(initialWorkPerMs: number) {
    this.#workPerMs = initialWorkPerMs;
  }

  /** Work units for the next submission. */
  get budget(): number {
    return this.#workPerMs * TARGET_MS;
  }

  /** Reports a finished submission. */
  record(work: number, elapsedMs: number): void {
    const measured = work / Math.max(elapsedMs, 0.1);
    const bounded = Math.min(this.#workPerMs * MAX_CHANGE, Math.max(this.#workPerMs / MAX_CHANGE, measured));
    this.#workPerMs = (this.#workPerMs + bounded) / 2;
  }
}
