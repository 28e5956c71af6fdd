/**
 * Wall seconds of each trial, from a race's log: the time of its groups, shared among their lanes. Building a group's
 * program is left out. A trial whose group was begun again has none: nobody knows what of it was trained twice.
 */
import type { IglaEvent } from "../protocol/events.ts";

export class TrialClock {
  readonly #seconds = new Map<string, number>();
  readonly #unknown = new Set<string>();
  #trials: readonly string[] = [];
  /** Milliseconds since 1970; null: the group is being built. */
  #since: number | null = null;

  /** In order of the log. */
  hear(event: IglaEvent): void {
    if (event.kind === "group-started") {
      this.#trials = event.jobs.map(({ trialId }) => trialId);
      this.#since = null;
    }
    if (event.kind === "group-info") {
      if (this.#since !== null) for (const id of this.#trials) this.#unknown.add(id);
      this.#since = event.at;
    }
    if (event.kind === "group-finished") this.#finish(event.at);
  }

  #finish(at: number): void {
    const [trials, since] = [this.#trials, this.#since];
    this.#trials = [];
    if (since === null) return;
    // Clocks are set back now and then.
    const share = Math.max(0, at - since) / 1000 / trials.length;
    for (const id of trials) this.#seconds.set(id, (this.#seconds.get(id) ?? 0) + share);
  }

  /** By trial; those that nobody knows of are left out. */
  seconds(): ReadonlyMap<string, number> {
    return new Map([...this.#seconds].filter(([id]) => !this.#unknown.has(id)));
  }
}
