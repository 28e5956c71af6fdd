/** Time from an event's record in the daemon to its picture; both clocks are the same machine's. */

const kept = 200;

export class Latency {
  readonly #samples: number[] = [];
  #pending: number[] = [];

  /** Points that were recorded at this time will be part of the next picture. */
  arrived(atMs: number): void {
    this.#pending.push(atMs);
  }

  drawn(nowMs: number): void {
    for (const atMs of this.#pending) this.#samples.push(nowMs - atMs);
    this.#pending = [];
    this.#samples.splice(0, this.#samples.length - kept);
  }

  get count(): number {
    return this.#samples.length;
  }
  /** Over the latest samples; null before the first. */
  get medianMs(): number | null {
    return this.#samples.toSorted((a, b) => a - b)[this.#samples.length >> 1] ?? null;
  }
}
