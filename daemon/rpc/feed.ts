/**
 * One client's view of one race's log: sends events in order and without gaps, as fast as the client takes them.
 * It reads pages from the store instead of keeping a queue, so a slow client costs nothing; one that falls too far
 * behind is sent back to a snapshot.
 */
import type { IglaEvent } from "../protocol/events.ts";

/** What the feed needs to know of the event log. */
export interface EventSource {
  /** Last event of a race. @throws {IglaError} `race.not-found` */
  readonly headSeq: (raceId: string) => number;
  /** Number of a race's events after `afterSeq`, counted up to `limit`. */
  readonly count: (raceId: string, afterSeq: number, limit: number) => Promise<number>;
  readonly read: (raceId: string, afterSeq: number, limit: number) => Promise<readonly IglaEvent[]>;
  /** Calls `listener` after each append. Returns the way to stop it. */
  readonly subscribe: (listener: (raceId: string) => void) => () => void;
}

export interface FeedSink {
  /** Resolves when the client's socket has taken the message. */
  readonly events: (prevSeq: number, events: readonly IglaEvent[]) => Promise<void>;
  readonly reset: (headSeq: number) => Promise<void>;
}

export interface FeedLimits {
  /** Events in one message. */
  readonly pageSize: number;
  /** Events that a client may lie behind before a snapshot is cheaper. */
  readonly maxBacklog: number;
}

export const defaultFeedLimits: FeedLimits = { pageSize: 200, maxBacklog: 5000 };

export class Feed {
  readonly #raceId: string;
  readonly #source: EventSource;
  readonly #sink: FeedSink;
  readonly #limits: FeedLimits;
  readonly #onError: (error: unknown) => void;
  #sentSeq: number;
  #isSending = false;
  #isClosed = false;

  constructor(
    raceId: string,
    sinceSeq: number,
    source: EventSource,
    sink: FeedSink,
    limits: FeedLimits,
    onError: (error: unknown) => void,
  ) {
    this.#raceId = raceId;
    this.#sentSeq = sinceSeq;
    this.#source = source;
    this.#sink = sink;
    this.#limits = limits;
    this.#onError = onError;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Something may have been appended. */
  poke(): void {
    if (this.#isSending || this.#isClosed) return;
    this.#isSending = true;
    this.#send()
      .catch((error: unknown) => {
        this.close();
        this.#onError(error);
      })
      .finally(() => {
        this.#isSending = false;
      });
  }

  async #send(): Promise<void> {
    while (!this.#isClosed && this.#sentSeq < this.#source.headSeq(this.#raceId)) {
      const { pageSize, maxBacklog } = this.#limits;
      if ((await this.#source.count(this.#raceId, this.#sentSeq, maxBacklog + 1)) > maxBacklog) {
        this.close();
        await this.#sink.reset(this.#source.headSeq(this.#raceId));
        return;
      }
      const events = await this.#source.read(this.#raceId, this.#sentSeq, pageSize);
      const last = events.at(-1);
      if (last === undefined || this.#isClosed) return;
      const prevSeq = this.#sentSeq;
      this.#sentSeq = last.seq;
      await this.#sink.events(prevSeq, events);
    }
  }
}
