import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventDraft, IglaEvent } from "../../daemon/protocol/events.ts";
import { reduce } from "../../daemon/protocol/reduce.ts";
import { emptyRace } from "../../daemon/protocol/state.ts";
import { curveDrafts, readCurve } from "../../daemon/store/curves.ts";
import { type OpenDatabase, openDatabase } from "../../daemon/store/database.ts";
import { countEvents, readEvents } from "../../daemon/store/events.ts";
import { readLeaderboard, readTrial } from "../../daemon/store/queries.ts";
import { Store } from "../../daemon/store/store.ts";
import { tinySpec } from "../fixtures/specs.ts";

let folder: string;
let file: string;
let database: OpenDatabase;
let store: Store;

async function openStore(): Promise<void> {
  database = openDatabase(file);
  let clock = 1000;
  store = await Store.open(database, file, () => clock++);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "igla-store-"));
  file = join(folder, "igla.db");
  await openStore();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const race = (): Extract<EventDraft, { kind: "race-created" }> => ({
  kind: "race-created",
  name: "n",
  path: "/p",
  configText: "",
  configHash: "h",
  rungs: [
    { steps: 10, keep: "1/2" },
    { steps: 20, keep: null },
  ],
  maxTrials: 4,
  budgetSteps: null,
  reportEvery: 5,
});

const created = (trialId: string, number: number, split: "three-way" | "nanogpt" = "three-way"): EventDraft => ({
  kind: "trial-created",
  trialId,
  number,
  point: { "optimizer.lr": 0.001 * (number + 1) },
  spec: tinySpec({ seed: number, data: { split } }),
  specHash: `h${number}`,
});

const started = (trialId: string, rung = 0): EventDraft => ({
  kind: "decision",
  action: rung === 0 ? "start" : "promote",
  trialId,
  rung,
  rule: "test",
  inputs: {},
});

const checkpoint = (trialId: string, step: number) => ({
  file: `${trialId}-${step}`,
  sha256: "a".repeat(64),
  step,
  bytes: 1,
});

const result = (trialId: string, rung: number, valBpb: number, protocol = "chunked"): EventDraft => ({
  kind: "rung-result",
  trialId,
  rung,
  step: rung === 0 ? 10 : 20,
  arrival: 0,
  outcome: {
    kind: "finished",
    evaluation: { valBpb, nllNats: valBpb, bytes: 9, protocol },
    checkpoint: checkpoint(trialId, rung === 0 ? 10 : 20),
  },
});

const points = (trialId: string, ...samples: readonly (readonly [step: number, lossNats: number | null])[]) =>
  curveDrafts(
    samples.map(([step, lossNats]) => ({ trialId, step, lossNats, gradNorm: 1 })),
    { tokensPerSec: 1, stepsPerSec: 1 },
  );

describe("append", () => {
  test("numbers events without gaps, over races and after failures", async () => {
    await store.createRace(race());
    await store.createRace(race());
    await store.append("r2", [created("r2-t0000", 0)]);
    const bad: EventDraft[] = [created("r1-t0000", 0), created("r1-t0000", 1)];
    await expect(store.append("r1", bad)).rejects.toThrow();
    await store.append("r1", [created("r1-t0001", 0)]);
    const rows = await store.db.selectFrom("events").select("seq").orderBy("seq").execute();
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(store.headSeq).toBe(6);
  });

  test("changes tables, state and listeners together or not at all", async () => {
    await store.createRace(race());
    const before = store.state("r1");
    const heard: IglaEvent[] = [];
    store.subscribe((_, events) => heard.push(...events));
    // The second event violates a constraint after the first has been written.
    await expect(store.append("r1", [created("r1-t0000", 0), result("r1-t0009", 0, 2)])).rejects.toThrow();
    expect(store.state("r1")).toBe(before);
    expect(heard).toEqual([]);
    expect(await store.db.selectFrom("trials").selectAll().execute()).toEqual([]);
    expect(await readEvents(store.db, "r1", 0, 100)).toHaveLength(2);
  });

  test("keeps the order of concurrent appends", async () => {
    await store.createRace(race());
    const heard: number[] = [];
    store.subscribe((_, events) => heard.push(...events.map((event) => event.seq)));
    await Promise.all(Array.from({ length: 30 }, (_, i) => store.append("r1", [created(`r1-t${i}`, i)])));
    expect(heard).toEqual(Array.from({ length: 30 }, (_, i) => i + 3));
    expect(Object.keys(store.state("r1").trials)).toEqual(Array.from({ length: 30 }, (_, i) => `r1-t${i}`));
  });

  test("reopening gives the same state, and events equal what was heard", async () => {
    const heard: IglaEvent[] = [];
    store.subscribe((_, events) => heard.push(...events));
    await store.createRace(race());
    await store.append("r1", [created("r1-t0000", 0), started("r1-t0000")]);
    await store.append("r1", points("r1-t0000", [5, 1.5], [10, null]));
    await store.append("r1", [result("r1-t0000", 0, 2.5)]);
    const state = store.state("r1");
    await store.close();
    await openStore();
    expect(store.state("r1")).toEqual(state);
    expect(await readEvents(store.db, "r1", 0, 100)).toEqual(heard);
    expect(heard.reduce(reduce, emptyRace("r1"))).toEqual(state);
    expect(await countEvents(store.db, "r1", 2, 3)).toBe(3);
  });

  test("a trial and rung have one result", async () => {
    await store.createRace(race());
    await store.append("r1", [created("r1-t0000", 0), started("r1-t0000"), result("r1-t0000", 0, 2)]);
    await expect(store.append("r1", [result("r1-t0000", 0, 1)])).rejects.toMatchObject({ code: "store.failed" });
    expect(store.state("r1").trials["r1-t0000"]?.results).toEqual([{ rung: 0, step: 10, valBpb: 2 }]);
  });

  test("a full disk is a coded error and loses nothing", async () => {
    await store.createRace(race());
    const state = store.state("r1");
    database.limitPages(1);
    const big: EventDraft = { kind: "notice", level: "info", code: "x", message: "x".repeat(100_000), trialId: null };
    await expect(store.append("r1", [big])).rejects.toMatchObject({ code: "store.disk-full" });
    expect(store.state("r1")).toBe(state);
    database.limitPages(100_000);
    await store.append("r1", [big]);
    expect(store.state("r1").seq).toBe(3);
  });
});

describe("durability", () => {
  const synchronous = async () => (await sql<{ synchronous: number }>`pragma synchronous`.execute(store.db)).rows[0];

  test("is full unless the append says otherwise: SQLite syncs before it answers", async () => {
    await store.createRace(race());
    expect(await synchronous()).toEqual({ synchronous: 2 });
    await store.append("r1", [created("r1-t0000", 0)], { durability: "normal" });
    expect(await synchronous()).toEqual({ synchronous: 1 });
    await store.append("r1", [started("r1-t0000")]);
    expect(await synchronous()).toEqual({ synchronous: 2 });
    await store.append("r1", points("r1-t0000", [5, 1.5]), { durability: "normal" });
    expect(await synchronous()).toEqual({ synchronous: 1 });
    await store.createRace(race());
    expect(await synchronous()).toEqual({ synchronous: 2 });
  });
});

describe("curve points", () => {
  beforeEach(async () => {
    await store.createRace(race());
    await store.append("r1", [created("r1-t0000", 0), started("r1-t0000")]);
  });

  test("equal reports are stored once", async () => {
    await store.append("r1", points("r1-t0000", [5, 1.5], [10, null]));
    const again = await store.append("r1", points("r1-t0000", [5, 1.5], [10, null], [15, 1.25]));
    expect(again).toHaveLength(1);
    expect(again[0]).toMatchObject({ kind: "curve", points: [{ step: 15 }] });
    expect(await store.append("r1", points("r1-t0000", [10, null]))).toEqual([]);
  });

  test("a different value for a known point is reported and not stored", async () => {
    await store.append("r1", points("r1-t0000", [5, 1.5]));
    const [event] = await store.append("r1", points("r1-t0000", [5, 1.5000000000000002]));
    expect(event).toMatchObject({
      kind: "replay-mismatch",
      step: 5,
      stored: { lossNats: 1.5 },
      reported: { lossNats: 1.5000000000000002 },
    });
    expect((await readCurve(store.db, "r1-t0000", 0, 10)).points).toEqual([{ step: 5, lossNats: 1.5, gradNorm: 1 }]);
    expect(store.state("r1").replayMismatches).toBe(1);
  });

  test("a different gradient norm alone is reported, too", async () => {
    await store.append("r1", points("r1-t0000", [5, 1.5]));
    const again = curveDrafts([{ trialId: "r1-t0000", step: 5, lossNats: 1.5, gradNorm: 1.0000000000000002 }], {
      tokensPerSec: 1,
      stepsPerSec: 1,
    });
    const [event] = await store.append("r1", again);
    expect(event).toMatchObject({
      kind: "replay-mismatch",
      stored: { gradNorm: 1 },
      reported: { gradNorm: 1.0000000000000002 },
    });
  });

  test("doubles survive bit for bit", async () => {
    const values = [Math.PI, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, -0.0];
    await store.append("r1", points("r1-t0000", ...values.map((value, i) => [i + 1, value] as const)));
    const { points: stored } = await readCurve(store.db, "r1-t0000", 0, 10);
    expect(stored.map((point) => point.lossNats)).toEqual([...values.slice(0, 4), 0]);
  });
});

describe("leaderboard", () => {
  test("orders by the last result, ties by trial, and ranks among what may be compared", async () => {
    await store.createRace(race());
    const ids = ["r1-t0000", "r1-t0001", "r1-t0002", "r1-t0003"];
    await store.append("r1", [
      created("r1-t0000", 0),
      created("r1-t0001", 1),
      created("r1-t0002", 2, "nanogpt"),
      created("r1-t0003", 3),
      ...ids.map((id) => started(id)),
      result("r1-t0003", 0, 2),
      result("r1-t0000", 0, 2),
      result("r1-t0001", 0, 1.5),
      result("r1-t0002", 0, 1.75),
      started("r1-t0001", 1),
      // The later, worse result counts.
      result("r1-t0001", 1, 3),
    ]);
    const rows = await readLeaderboard(store.db, "r1", 10);
    expect(rows.map(({ trialId, valBpb, rank, rung }) => [trialId, valBpb, rank, rung])).toEqual([
      ["r1-t0002", 1.75, 1, 0],
      ["r1-t0000", 2, 1, 0],
      ["r1-t0003", 2, 2, 0],
      ["r1-t0001", 3, 3, 1],
    ]);
    expect(await readLeaderboard(store.db, undefined, 10)).toEqual(rows);
    expect((await readTrial(store.db, "r1-t0002")).spec.data.split).toBe("nanogpt");
  });
});
