/** Pre-flight end to end: an assertion file beside a race file, the manager, the fake trainer, the leaderboard. */
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { raceGuards } from "../../daemon/guards/race-guards.ts";
import type { NoProver, Prover } from "../../daemon/prover/find-prover.ts";
import { planRace } from "../../daemon/race/config-plan.ts";
import { readLeaderboard } from "../../daemon/store/queries.ts";
import { type Bench, type BenchOptions, isOver } from "../fixtures/race-bench.ts";
import { Benches } from "../fixtures/race-outcome.ts";
import { needsCoq, ProofFolder, prover } from "../prover/coq.ts";

const benches = new Benches();
let work: ProofFolder;
beforeEach(() => {
  work = new ProofFolder({ "proofs/a.v": proofs });
});
afterEach(async () => {
  await benches.closeAll();
  work.remove();
});

const proofs = `Theorem good : forall n : nat, n + 0 = n. Proof. intro n. rewrite <- plus_n_O. reflexivity. Qed.
Theorem gap : forall n : nat, n <= n * n. Admitted.
Theorem hollow : True. Proof. exact I. Qed.
`;
const usual = "assertions/igla_assertions.json";

interface Entry {
  readonly id: string;
  readonly action: string;
  readonly theorem?: string;
  readonly more?: object;
}

const assertions = (...entries: readonly Entry[]): string =>
  JSON.stringify({
    invariants: entries.map(({ id, action, theorem = "good", more = {} }) => ({
      id,
      coq_theorem: theorem,
      coq_file: "proofs/a.v",
      status: "Proven",
      runtime_check: { action, message: `${id} is not kept` },
      ...more,
    })),
  });

const race = (lr: number, more = "") => `
[optimizer]
lr = ${lr}
[schedule]
warmup = 2
[race]
name = "small"
seeds = [1, 2, 3]
report_every_steps = 4
rungs = [{ steps = 20, keep = "1/3" }, { steps = 40 }]
${more}`;

const noProver: NoProver = { missing: "no-prover", cause: null, wayOut: "Install Coq." };

function open(env: Record<string, string> = {}, asked: Prover | NoProver = prover ?? noProver): Promise<Bench> {
  const readGuards = raceGuards({
    workspace: work.folder,
    prover: async () => asked,
    cacheFolder: work.cache,
  });
  const options: BenchOptions = { planner: planRace, readGuards, env };
  return benches.open(options);
}

const start = (bench: Bench, text: string, path = "race.igla.toml") =>
  bench.manager.start(text, join(work.folder, path), null);

describe("without an assertion file", () => {
  it("nothing guards the race, and nothing about it is different", async () => {
    const bench = await open();
    await start(bench, race(0.5));
    const state = await bench.until(isOver);
    expect(state).toMatchObject({ status: "finished", guards: [] });
    const [created] = await bench.events();
    expect(created).not.toHaveProperty("guards");
  });

  it("a race file that names one, or asks for proofs, does not start", async () => {
    const bench = await open();
    await expect(start(bench, race(0.003, '[invariants]\nfile = "mine.json"'))).rejects.toMatchObject({
      code: "race.bad-assertions",
      detail: expect.stringContaining("mine.json exists neither beside the race file nor in"),
    });
    await expect(start(bench, race(0.003, '[invariants]\nrequire = "proven"'))).rejects.toMatchObject({
      code: "race.unproven",
      detail: expect.stringMatching(/^There is no assertion file at .*igla_assertions\.json\. `igla init DIR` writes/),
    });
    expect(bench.store.raceIds).toEqual([]);
  });
});

describe("the three actions", () => {
  it("abort: the race is not recorded; the error names key, value, band, message and theorem", async () => {
    work.write(usual, assertions({ id: "INV-8", action: "abort", theorem: "gap" }));
    const bench = await open();
    await expect(start(bench, race(0.01))).rejects.toMatchObject({
      code: "race.guarded",
      message: expect.stringMatching(/^An invariant of this workspace forbids the race\. INV-8: INV-8 is not kept\. /),
      detail: expect.stringContaining(
        "optimizer.lr is 0.01, outside of [0.002, 0.007]. Theorem gap in proofs/a.v is Admitted.",
      ),
      data: [{ id: "INV-8", key: "optimizer.lr", place: { path: usual } }],
    });
    expect(bench.store.raceIds).toEqual([]);
    // In the band it starts, and the state says what guards it.
    await start(bench, race(0.003));
    expect(bench.store.state("r1").guards).toMatchObject([
      { id: "INV-8", outcome: "holds", theorem: { name: "gap", claim: "Proven", status: "Admitted" } },
    ]);
  });

  it("warn: the race starts and the finding is recorded; an action that nobody knows warns too", async () => {
    work.write(usual, assertions({ id: "INV-8", action: "warn" }, { id: "inv08", action: "explode" }));
    const bench = await open();
    await start(bench, race(0.01));
    const { status, guards } = await bench.until(isOver);
    expect(status).toBe("finished");
    expect(guards).toMatchObject([
      { id: "INV-8", action: "warn", outcome: "violated", key: "optimizer.lr", theorem: { status: null } },
      { id: "inv08", action: "other", outcome: "violated" },
    ]);
  });

  it("hard_penalty: the trials rank behind those of all other races, worse ones included", async () => {
    work.write(usual, assertions({ id: "INV-8", action: "hard_penalty" }));
    const bench = await open();
    // The fake loss is lowest at 0.004: the penalised race would come before the last one.
    await start(bench, race(0.0041));
    await bench.until(isOver, "r1");
    work.write(usual, assertions({ id: "INV-8", action: "hard_penalty", more: { bands: { lr: [0.01, 0.02] } } }));
    await start(bench, race(0.0042));
    await bench.until(isOver, "r2");
    work.write(usual, assertions({ id: "INV-8", action: "hard_penalty" }));
    await start(bench, race(0.0069));
    await bench.until(isOver, "r3");
    const rows = await readLeaderboard(bench.store.db, undefined, 100);
    expect(rows.map(({ rank }) => rank)).toEqual(rows.map((_, i) => i + 1));
    expect(rows.map(({ penalised }) => penalised)).toEqual([...Array(6).fill(false), ...Array(3).fill(true)]);
    expect(new Set(rows.slice(6).map(({ raceId }) => raceId))).toEqual(new Set(["r2"]));
    const worst = (raceId: string) => Math.max(...rows.flatMap((row) => (row.raceId === raceId ? [row.valBpb] : [])));
    expect(worst("r2")).toBeLessThan(worst("r3"));
  });
});

describe("which file guards", () => {
  it("beside the race file before the workspace; the race file may name another one", async () => {
    work.write(usual, assertions({ id: "INV-8", action: "warn" }));
    work.write(`inner/${usual}`, assertions({ id: "INV-5", action: "warn" }));
    work.write("inner/strict.json", assertions({ id: "INV-8", action: "abort" }));
    mkdirSync(join(work.folder, "bare"));
    const bench = await open();
    const ids = async (path: string, text = race(0.003)) => (await start(bench, text, path)).guards.map(({ id }) => id);
    expect(await ids("race.igla.toml")).toEqual(["INV-8"]);
    expect(await ids("inner/race.igla.toml")).toEqual(["INV-5"]);
    expect(await ids("bare/race.igla.toml")).toEqual(["INV-8"]);
    const strict = race(0.01, '[invariants]\nfile = ".//strict.json"');
    await expect(ids("inner/race.igla.toml", strict)).rejects.toMatchObject({ code: "race.guarded" });
  });

  it.each([
    ["broken JSON", '{"invariants": [', /assertions\/igla_assertions\.json:1:\d+: The JSON is broken here/],
    ["no invariants", "[]", /igla_assertions\.json holds no invariants/],
  ])("%s: the race does not start, and the file is named", async (_, text, detail) => {
    work.write(usual, text);
    const bench = await open();
    await expect(start(bench, race(0.003))).rejects.toMatchObject({
      code: "race.bad-assertions",
      detail: expect.stringMatching(detail),
      action: expect.stringContaining("Mend the file"),
    });
  });

  it.skipIf(process.platform === "win32")("a device in its place, or in that of a proof, stops nobody", async () => {
    mkdirSync(join(work.folder, "assertions"));
    symlinkSync("/dev/zero", join(work.folder, usual));
    const bench = await open();
    const refused = { code: "race.bad-assertions", detail: expect.stringContaining("it is not a file") };
    await expect(start(bench, race(0.003))).rejects.toMatchObject(refused);
    rmSync(join(work.folder, usual));
    rmSync(join(work.folder, "proofs/a.v"));
    symlinkSync("/dev/zero", join(work.folder, "proofs/a.v"));
    work.write(usual, assertions({ id: "INV-8", action: "warn" }));
    expect((await start(bench, race(0.003))).guards).toMatchObject([{ outcome: "holds" }]);
  });

  it("a race that asks for proofs does not start without Coq, and says what is wrong with the one that is there", async () => {
    work.write(usual, assertions({ id: "INV-8", action: "warn" }));
    const bench = await open({}, { ...noProver, cause: "/bin/coqc is version 8.4." });
    await expect(start(bench, race(0.003, '[invariants]\nrequire = "proven"'))).rejects.toMatchObject({
      code: "race.unproven",
      detail: "There is no Coq to ask. /bin/coqc is version 8.4. Install Coq.",
    });
  });

  it("a guard changes no number of the race: the same configuration keeps its hash", () => {
    const plan = (more: string) => planRace(race(0.003, more), "/a.igla.toml", null);
    expect(plan('[invariants]\nrequire = "proven"').configHash).toBe(plan("").configHash);
    expect(planRace(race(0.004), "/a.igla.toml", null).configHash).not.toBe(plan("").configHash);
  });
});

describe("INV-1", () => {
  it("a race that learns keeps it, after its first trials", async () => {
    work.write(usual, assertions({ id: "INV-1", action: "warn" }));
    const bench = await open();
    const { guards } = await start(bench, race(0.003));
    expect(guards).toMatchObject([{ outcome: "later" }]);
    const state = await bench.until(isOver);
    expect(state.guards).toMatchObject([
      { outcome: "holds", detail: expect.stringMatching(/^The training loss of r1-t0000 fell from \d/) },
    ]);
    expect((await bench.events()).filter(({ kind }) => kind === "guard")).toHaveLength(1);
  });

  it("each trial whose loss does not fall is told of, once, and a penalty counts", async () => {
    work.write(usual, assertions({ id: "INV-1", action: "hard_penalty" }));
    const bench = await open({ FAKE_STUCK: "1" });
    await start(bench, race(0.003));
    const state = await bench.until(isOver);
    expect(state.guards).toMatchObject([
      { outcome: "violated", detail: expect.stringContaining("did not fall: from 4.00") },
    ]);
    const told = (await bench.events()).flatMap((event) => (event.kind === "guard" ? [event.trialId] : []));
    expect(told.sort()).toEqual(["r1-t0000", "r1-t0001", "r1-t0002"]);
    const rows = await readLeaderboard(bench.store.db, undefined, 10);
    expect(rows.every(({ penalised }) => penalised)).toBe(true);
  });
});

describe.skipIf(prover === null)(needsCoq('require = "proven"'), { timeout: 60_000 }, () => {
  const strict = race(0.003, '[invariants]\nrequire = "proven"');

  it("starts when Coq confirms every guard, whatever an entry without a check is worth", async () => {
    work.write(
      usual,
      assertions(
        { id: "INV-8", action: "abort" },
        { id: "INV-6", action: "abort", theorem: "gap" },
        { id: "INV-2", action: "abort", theorem: "gap", more: { runtime_check: null } },
      ),
    );
    const bench = await open();
    const { guards } = await start(bench, strict);
    expect(guards).toMatchObject([
      { id: "INV-8", outcome: "holds", theorem: { status: "Proven" } },
      { id: "INV-6", outcome: "not-applicable" },
    ]);
  });

  it.each([
    ["gap", "INV-8: gap in proofs/a.v is Admitted."],
    ["hollow", "INV-8: hollow in proofs/a.v says nothing:"],
    ["missing", "INV-8: missing in proofs/a.v is Broken."],
  ])("does not start on %s, although the file claims Proven", async (theorem, detail) => {
    work.write(usual, assertions({ id: "INV-8", action: "warn", theorem }));
    const bench = await open();
    await expect(start(bench, strict)).rejects.toMatchObject({
      code: "race.unproven",
      detail: expect.stringContaining(`assertions/igla_assertions.json:1:16 ${detail}`),
      data: { folder: work.folder, findings: [{ id: "INV-8", theorem: { name: theorem } }] },
    });
    expect(bench.store.raceIds).toEqual([]);
    // Without the demand it starts.
    await start(bench, race(0.003));
    expect(bench.store.raceIds).toEqual(["r1"]);
  });

  it("tells which entries claim no proof themselves: there no claim can be mended", async () => {
    const admitted = { id: "INV-6", action: "warn", theorem: "gap", more: { status: "Admitted" } };
    work.write(usual, assertions({ id: "INV-8", action: "warn", theorem: "gap" }, admitted));
    const bench = await open();
    const averaged = `${strict}\n[levers.ema]\ndecay = 0.999`;
    const detail = await start(bench, averaged).catch(({ detail: text }: { detail: string }) => text);
    expect(detail).toMatch(
      /INV-8: gap in proofs\/a\.v is Admitted\. .* INV-6: gap in proofs\/a\.v is Admitted\. INV-6 does/,
    );
    expect(detail).not.toMatch(/INV-8 does|INV-8, INV-6 do/);
  });
});
