/** The feed on the daemon's side and the mirror on the client's, without sockets. */
import { describe, expect, test } from "vitest";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import { reduce } from "../../daemon/protocol/reduce.ts";
import { emptyRace, type RaceState } from "../../daemon/protocol/state.ts";
import { type EventSource, Feed, type FeedSink } from "../../daemon/rpc/feed.ts";
import { type MirrorCalls, RaceMirror } from "../../daemon/rpc/mirror.ts";

const event = (seq: number): IglaEvent => ({
  kind: "notice",
  seq,
  raceId: "r1",
  at: seq,
  level: "info",
  code: "n",
  message: `event ${seq}`,
  trialId: null,
});

/** A log that grows on demand. */
class Log implements EventSource {
  readonly events: IglaEvent[] = [];
  grow(count: number): void {
    // Numbers belong to the workspace, so a race's may have gaps.
    for (let i = 0; i < count; i++) this.events.push(event((this.events.at(-1)?.seq ?? 0) + 3));
  }
  readonly headSeq = () => this.events.at(-1)?.seq ?? 0;
  readonly read = async (_raceId: string, afterSeq: number, limit: number) =>
    this.events.filter(({ seq }) => seq > afterSeq).slice(0, limit);
  readonly count = async (_raceId: string, afterSeq: number, limit: number) =>
    (await this.read("r1", afterSeq, limit)).length;
  readonly subscribe = () => () => undefined;
  get state(): RaceState {
    return this.events.reduce(reduce, emptyRace("r1"));
  }
}

class Sink implements FeedSink {
  readonly batches: { prevSeq: number; events: readonly IglaEvent[] }[] = [];
  readonly resets: number[] = [];
  /** Holds back what is sent until it is opened. */
  gate: Promise<void> = Promise.resolve();
  readonly events = async (prevSeq: number, events: readonly IglaEvent[]) => {
    this.batches.push({ prevSeq, events });
    await this.gate;
  };
  readonly reset = async (headSeq: number) => {
    this.resets.push(headSeq);
  };
  get all(): IglaEvent[] {
    return this.batches.flatMap(({ events }) => events);
  }
}

const limits = { pageSize: 4, maxBacklog: 12 };
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const fail = (error: unknown) => {
  throw error;
};

describe("a feed", () => {
  test("sends pages in order, each naming the event before it", async () => {
    const [log, sink] = [new Log(), new Sink()];
    log.grow(10);
    const feed = new Feed("r1", 6, log, sink, limits, fail);
    feed.poke();
    await settle();
    expect(sink.batches.map(({ prevSeq, events }) => [prevSeq, events.map(({ seq }) => seq)])).toEqual([
      [6, [9, 12, 15, 18]],
      [18, [21, 24, 27, 30]],
    ]);
  });

  test("pokes while it sends are neither lost nor doubled", async () => {
    const [log, sink] = [new Log(), new Sink()];
    const feed = new Feed("r1", 0, log, sink, limits, fail);
    for (let i = 0; i < 40; i++) {
      log.grow(1);
      feed.poke();
      feed.poke();
      if (i % 7 === 0) await settle();
    }
    await settle();
    expect(sink.all).toEqual(log.events);
  });

  test("waits for a slow client and keeps nothing for it", async () => {
    const [log, sink] = [new Log(), new Sink()];
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    const feed = new Feed("r1", 0, log, sink, limits, fail);
    log.grow(2);
    feed.poke();
    await settle();
    for (let i = 0; i < 8; i++) {
      log.grow(1);
      feed.poke();
    }
    await settle();
    expect(sink.batches).toHaveLength(1);
    gate.resolve();
    await settle();
    expect(sink.all).toEqual(log.events);
    expect(sink.resets).toEqual([]);
  });

  test("sends a client that fell too far behind back to a snapshot, and ends", async () => {
    const [log, sink] = [new Log(), new Sink()];
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    const feed = new Feed("r1", 0, log, sink, limits, fail);
    log.grow(2);
    feed.poke();
    await settle();
    log.grow(13);
    gate.resolve();
    await settle();
    expect(sink.batches).toHaveLength(1);
    expect(sink.resets).toEqual([log.headSeq()]);
    expect(feed.isClosed).toBe(true);
    log.grow(1);
    feed.poke();
    await settle();
    expect(sink.batches).toHaveLength(1);
  });

  test("ends when its client is gone", async () => {
    const [log, sink] = [new Log(), new Sink()];
    const failures: unknown[] = [];
    sink.gate = Promise.reject(new Error("socket closed"));
    sink.gate.catch(() => undefined);
    const feed = new Feed("r1", 0, log, sink, limits, (error) => failures.push(error));
    log.grow(9);
    feed.poke();
    await settle();
    expect(failures).toHaveLength(1);
    expect(feed.isClosed).toBe(true);
  });
});

describe("a mirror", () => {
  function mirrorOf(log: Log, mode: MirrorCalls["subscribe"], from: RaceState | null = null) {
    const heard: IglaEvent[] = [];
    const calls = { subscribe: mode, snapshot: async () => log.state };
    return { mirror: new RaceMirror("r1", from, calls, (_state, events) => heard.push(...events)), heard };
  }
  const live = async () => ({ mode: "events" as const, headSeq: 0 });

  test("takes overlapping batches once", () => {
    const log = new Log();
    log.grow(8);
    const { mirror, heard } = mirrorOf(log, live);
    expect(mirror.accept(0, log.events.slice(0, 4))).toBe(true);
    expect(mirror.accept(0, log.events.slice(0, 6))).toBe(true);
    expect(mirror.accept(6, log.events.slice(2, 8))).toBe(true);
    expect(heard).toEqual(log.events);
    expect(mirror.state).toEqual(log.state);
  });

  test("asks again when something before a batch is missing", () => {
    const log = new Log();
    log.grow(8);
    const { mirror, heard } = mirrorOf(log, live);
    mirror.accept(0, log.events.slice(0, 2));
    expect(mirror.accept(12, log.events.slice(4, 8))).toBe(false);
    expect(heard).toEqual(log.events.slice(0, 2));
  });

  test("takes a snapshot of an older daemon, which does not know every field", async () => {
    const log = new Log();
    log.grow(3);
    const { guards: _, ...older } = log.state;
    let asked = 0;
    const subscribe: MirrorCalls["subscribe"] = async () => ({
      mode: asked++ === 0 ? "snapshot" : "events",
      headSeq: log.headSeq(),
    });
    const calls = { subscribe, snapshot: async () => older as RaceState };
    const mirror = new RaceMirror("r1", null, calls, () => undefined);
    await mirror.catchUp();
    expect(mirror.state).toEqual({ ...older, guards: [] });
  });

  test("goes through a snapshot when told to, then follows", async () => {
    const log = new Log();
    log.grow(8);
    const asked: number[] = [];
    const { mirror } = mirrorOf(log, async (sinceSeq) => {
      asked.push(sinceSeq);
      return { mode: sinceSeq < 24 ? "snapshot" : "events", headSeq: 24 };
    });
    await mirror.catchUp();
    expect(asked).toEqual([0, 24]);
    expect(mirror.state).toEqual(log.state);
    log.grow(1);
    expect(mirror.accept(24, log.events.slice(8))).toBe(true);
    expect(mirror.state).toEqual(log.state);
  });

  test("starts over when the log is another one", async () => {
    const old = new Log();
    old.grow(9);
    const log = new Log();
    log.grow(2);
    const { mirror } = mirrorOf(
      log,
      async (sinceSeq) => ({ mode: sinceSeq > 6 ? "snapshot" : "events", headSeq: 6 }),
      old.state,
    );
    await mirror.catchUp();
    expect(mirror.state).toEqual(log.state);
  });
});
