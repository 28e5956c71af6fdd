/** Splits device work into calls that take seconds, so that between them the trainer can say that it gets on. */

const CALL_MS = 5_000;
/** Units of the first call, before anything has been measured. */
const FIRST_CALL = 16;

export class ShortCalls {
  readonly #now: () => number;
  readonly #alive: () => void;
  #perCall = FIRST_CALL;

  /** @param now milliseconds of a monotonic clock; @param alive called after each call */
  constructor(now: () => number, alive: () => void) {
    this.#now = now;
    this.#alive = alive;
  }

  /** Has `total` units done, some at a time; how they are split changes no result. */
  async run(total: number, work: (count: number) => Promise<void>): Promise<void> {
    for (let done = 0; done < total; ) {
      const count = Math.min(total - done, this.#perCall);
      const startedMs = this.#now();
      await work(count);
      const elapsedMs = Math.max(1e-3, this.#now() - startedMs);
      this.#perCall = Math.max(1, Math.floor((count * CALL_MS) / elapsedMs));
      done += count;
      this.#alive();
    }
  }
}
