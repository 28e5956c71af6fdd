/** A client's copy of a race: catches up from wherever it stands, then follows the events. */
import type { IglaEvent } from "../protocol/events.ts";
import { reduce } from "../protocol/reduce.ts";
import { emptyRace, type RaceState } from "../protocol/state.ts";

export interface MirrorCalls {
  readonly subscribe: (sinceSeq: number) => Promise<{ readonly mode: "events" | "snapshot"; readonly headSeq: number }>;
  readonly snapshot: () => Promise<RaceState>;
}

/** Called after each change. `events` is empty when the state came as a snapshot. */
export type MirrorListener = (state: RaceState, events: readonly IglaEvent[]) => void;

export class RaceMirror {
  readonly #listener: MirrorListener;
  readonly #calls: MirrorCalls;
  #state: RaceState;
  #isClosed = false;

  constructor(raceId: string, from: RaceState | null, calls: MirrorCalls, listener: MirrorListener) {
    this.#state = from ?? emptyRace(raceId);
    this.#calls = calls;
    this.#listener = listener;
  }

  get state(): RaceState {
    return this.#state;
  }

  /** Asks for everything that is missing. @throws {IglaError} what the requests answer */
  async catchUp(): Promise<void> {
    while (!this.#isClosed) {
      const { mode, headSeq } = await this.#calls.subscribe(this.#state.seq);
      if (mode === "events") return;
      const state = await this.#calls.snapshot();
      // An older state than ours means another log: the database was replaced.
      if (state.seq > this.#state.seq || headSeq < this.#state.seq) {
        // A daemon of an earlier minor version leaves out what it does not know.
        this.#state = { ...emptyRace(state.raceId), ...state };
        if (!this.#isClosed) this.#listener(this.#state, []);
      }
    }
  }

  /** Takes a batch of events. False when some before it are missing: then `catchUp` is due. */
  accept(prevSeq: number, events: readonly IglaEvent[]): boolean {
    if (this.#isClosed) return true;
    if (prevSeq > this.#state.seq) return false;
    const fresh = events.filter((event) => event.seq > this.#state.seq);
    if (fresh.length === 0) return true;
    for (const event of fresh) this.#state = reduce(this.#state, event);
    this.#listener(this.#state, fresh);
    return true;
  }

  close(): void {
    this.#isClosed = true;
  }
}
