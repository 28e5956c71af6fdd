/** Events reach clients in order, once, without gaps: fast ones, slow ones, late ones, and across restarts. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { startDaemon } from "../../daemon/app.ts";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import { reduce } from "../../daemon/protocol/reduce.ts";
import { leaderboard, pauseRace, snapshotRace, subscribeRace } from "../../daemon/protocol/requests.ts";
import { emptyRace, type RaceState } from "../../daemon/protocol/state.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { type DaemonBench, follow, isDone, openDaemon, raceFile } from "../fixtures/daemon-bench.ts";
import { fakeTrainer } from "../fixtures/race-bench.ts";

const opened: DaemonBench[] = [];
afterEach(async () => {
  for (const bench of opened.splice(0)) await bench.close();
});
async function open(options: Parameters<typeof openDaemon>[0] = {}): Promise<DaemonBench> {
  const bench = await openDaemon(options);
  opened.push(bench);
  return bench;
}

function expectContiguous(events: readonly IglaEvent[], fromSeq = 0): void {
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => fromSeq + i + 1));
}

describe("a subscription", () => {
  test("from the beginning hears everything once", async () => {
    const bench = await open();
    const raceId = await bench.start();
    const follower = await follow(bench.client, raceId);
    const state = await follower.until(isDone);
    expectContiguous(follower.events);
    expect(follower.events.reduce(reduce, emptyRace(raceId))).toEqual(state);
  });

  test("from the middle hears the rest", async () => {
    const bench = await open();
    const raceId = await bench.start();
    const first = await follow(bench.client, raceId);
    const done = await first.until(isDone);
    const from = first.events.slice(0, 40).reduce(reduce, emptyRace(raceId));
    const late = await bench.connect();
    const heard: IglaEvent[] = [];
    await new Promise<void>((resolve) => {
      const listen = (state: RaceState, events: readonly IglaEvent[]) => {
        heard.push(...events);
        if (state.seq === done.seq) resolve();
      };
      void late.subscribe(raceId, listen, from);
    });
    expectContiguous(heard, 40);
  });

  test("opened at many moments of a running race always ends in the same state", async () => {
    const bench = await open({ trainerEnv: { FAKE_CHUNK_MS: "5" } });
    const raceId = await bench.start();
    const first = await follow(bench.client, raceId);
    const others = [];
    for (let seq = 10; seq < 100; seq += 15) {
      await first.until((state) => state.seq >= seq || isDone(state));
      others.push(await follow(await bench.connect(), raceId));
    }
    const done = await first.until(isDone);
    for (const other of others) {
      expect(await other.until(isDone)).toEqual(done);
      expectContiguous(other.events);
    }
  });

  test("of one race hears nothing of another", async () => {
    const bench = await open();
    const [one, two] = [await bench.start(), await bench.start()];
    const follower = await follow(bench.client, two);
    await follower.until(isDone);
    expect(new Set(follower.events.map((event) => event.raceId))).toEqual(new Set([two]));
    // Numbers belong to the workspace, so those of one race have gaps; the snapshot agrees all the same.
    const { state } = await bench.client.request(snapshotRace, { raceId: two });
    expect(follower.events.reduce(reduce, emptyRace(two))).toEqual(state);
    expect(one).not.toBe(two);
  });

  test("that is closed hears no more", async () => {
    const bench = await open({ trainerEnv: { FAKE_CHUNK_MS: "5" } });
    const raceId = await bench.start();
    const closing = await follow(bench.client, raceId);
    await closing.until((state) => state.group !== null);
    await closing.close();
    const count = closing.events.length;
    const other = await follow(await bench.connect(), raceId);
    await other.until(isDone);
    expect(closing.events.length).toBe(count);
  });
});

describe("a client that lies far behind", () => {
  const limits = { pageSize: 20, maxBacklog: 50 };

  test("is sent to a snapshot, and its state is right", async () => {
    const bench = await open({ feedLimits: limits });
    const raceId = await bench.start();
    // Polled, because a subscription would keep up.
    while (!isDone((await bench.client.request(snapshotRace, { raceId })).state))
      await new Promise((r) => setTimeout(r, 20));
    expect(await bench.client.request(subscribeRace, { raceId, sinceSeq: 0 })).toMatchObject({ mode: "snapshot" });
    const { state } = await bench.client.request(snapshotRace, { raceId });
    const states: RaceState[] = [];
    await (await bench.connect()).subscribe(raceId, (now) => states.push(now));
    expect(states.at(-1)).toEqual(state);
  });

  test("and stands still again and again ends in the right state", async () => {
    const bench = await open({ feedLimits: { pageSize: 5, maxBacklog: 30 } });
    const slow = await bench.connect();
    const raceId = await bench.start(raceFile({ maxTrials: 12 }));
    const state = await new Promise<RaceState>((resolve) => {
      void slow.subscribe(raceId, (now) => {
        if (isDone(now)) resolve(now);
        // As under a debugger: this process, which is also the daemon's here, does nothing else meanwhile.
        const until = Date.now() + 20;
        while (Date.now() < until);
      });
    });
    expect(state).toEqual((await bench.client.request(snapshotRace, { raceId })).state);
  });
});

describe("a restart of the daemon", () => {
  test("is survived by clients: nothing is missed or doubled", async () => {
    const workspace = mkdtempSync(join(tmpdir(), "igla-restart-"));
    const options = {
      workspace,
      trainerScript: fakeTrainer,
      trainerEnv: { FAKE_CHUNK_MS: "10" },
      supervision: { backoffMs: 5, maxBackoffMs: 20, maxFailures: 3 },
    };
    const first = await open(options);
    const raceId = await first.start();
    const follower = await follow(first.client, raceId);
    await follower.until((state) => state.resultCount > 2 && state.group !== null);
    await first.daemon.stop();
    const second = await startDaemon(options);
    const state = await follower.until(isDone);
    expect(state.status).toBe("finished");
    expectContiguous(follower.events);
    const { rows } = await first.client.request(leaderboard, { raceId });
    expect(rows).toHaveLength(9);
    await first.client.close();
    await second.stop();
  });

  test("that never comes is told to the client", async () => {
    const bench = await open();
    const client = await DaemonClient.connect(bench.workspace, { reconnectMs: 200 });
    await bench.daemon.stop();
    expect(await client.closed).toMatchObject({ code: "connection.lost" });
    await expect(client.request(pauseRace, { raceId: "r1" })).rejects.toMatchObject({ code: "connection.lost" });
  });
});
