/**
 * The meeting point of the workers between two stages, and the counter from which they draw items. A worker that
 * waits spins briefly, because stages last microseconds, then sleeps, so that a busy machine gets its core back.
 */

/** One word per 128 bytes: the counters are written by all workers. */
const NEXT = 0;
const ARRIVED = 32;
const PHASE = 64;
export const CONTROL_BYTES = 96 * 4;
const SPINS = 4000;

export class Barrier {
  readonly #words: Int32Array;
  readonly #threads: number;

  constructor(control: SharedArrayBuffer, threads: number) {
    this.#words = new Int32Array(control);
    this.#threads = threads;
  }

  /** Index of the next item of the stage. */
  draw(): number {
    return Atomics.add(this.#words, NEXT, 1);
  }

  /** Returns when every worker has called it; the item counter is 0 again. */
  meet(): void {
    const phase = Atomics.load(this.#words, PHASE);
    if (Atomics.add(this.#words, ARRIVED, 1) === this.#threads - 1) {
      Atomics.store(this.#words, NEXT, 0);
      Atomics.store(this.#words, ARRIVED, 0);
      Atomics.add(this.#words, PHASE, 1);
      Atomics.notify(this.#words, PHASE);
      return;
    }
    for (let i = 0; i < SPINS; i++) if (Atomics.load(this.#words, PHASE) !== phase) return;
    while (Atomics.load(this.#words, PHASE) === phase) Atomics.wait(this.#words, PHASE, phase);
  }
}
