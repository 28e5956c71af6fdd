/**
 * Wall seconds of each trial, from a race's log: the time of its groups, shared among their lanes. A trial whose group was
 * interrupted, by a crash or a pause, has none: nobody knows how long it rested and what of it was trained twice.
 */
import type { IglaEvent } from "../protocol/events.ts";

export class TrialClock {
  readonly #seconds = new Map<string, number>();
  readonly #unknown = new Set<string>();
  /** Of the group that is being trained. */
  #trials: readonly string[] = [];
  /** Milliseconds since 1970. */
  #since = 0;

  /** In order of the log. */
  hear(event: IglaEvent): void {
    switch (event.kind) {
      case "group-started":
        this.#trials = event.jobs.map(({ trialId }) => trialId);
        this.#since = event.at;
        return;
      // Of a race's first group: the corpus has been read.
      case "group-info":
        this.#since = event.at;
        return;
      case "group-finished":
        this.#finish(event.at);
        return;
      case "trainer":
      case "race-state":
        for (const id of this.#trials) this.#unknown.add(id);
        return;
    }
  }

  #finish(at: number): void {
    const trials = this.#trials;
    this.#trials = [];
    // Clocks are set back now and then.
    const share = Math.max(0, at - this.#since) / 1000 / trials.length;
    for (const id of trials) this.#seconds.set(id, (this.#seconds.get(id) ?? 0) + share);
  }

  /** By trial; those that nobody knows of are left out. */
  seconds(): ReadonlyMap<string, number> {
    return new Map([...this.#seconds].filter(([id]) => !this.#unknown.has(id)));
  }
}
