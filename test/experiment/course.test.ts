/** Experiments from the request to the ledger, on the CPU engine. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadLedger } from "../../daemon/evidence/ledger/write.ts";
import { leverRegistrationSchema } from "../../daemon/evidence/lever-registration.ts";
import { IglaError } from "../../daemon/protocol/errors.ts";
import { experimentSchema } from "../../daemon/protocol/experiments.ts";
import {
  listExperiments,
  listRaces,
  planExperiment,
  startExperiment,
  stopExperiment,
} from "../../daemon/protocol/requests.ts";
import { isBuilt, LabBench, labFile } from "./bench.ts";

let bench: LabBench;
beforeEach(async () => {
  bench = await LabBench.open();
});
afterEach(() => bench.close());

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe.skipIf(!isBuilt)(`a lever on trial${isBuilt ? "" : " (skipped: dist/ is not built)"}`, () => {
  it("a plan runs and writes nothing", async () => {
    const design = await bench.client.request(planExperiment, bench.folder.wish());
    expect(planExperiment.result.parse(design)).toEqual(design);
    expect(design).toMatchObject({ lever: "relu2", claim: 0.01, seeds: [43, 44, 45], looks: [3], totalSteps: 180 });
    expect(existsSync(join(bench.folder.path, "assertions"))).toBe(false);
    expect((await bench.client.request(listRaces, {})).races).toEqual([]);
    expect((await bench.client.request(listExperiments, {})).experiments).toEqual([]);
  });

  it("registered before anything is trained, decided by the registered rules, chained into the ledger", async () => {
    const started = await bench.start();
    const [file = ""] = readdirSync(join(bench.folder.path, "assertions", "prereg"));
    expect(file).toBe(`${started.experimentId.slice(0, 12)}.json`);
    const text = readFileSync(join(bench.folder.path, "assertions", "prereg", file), "utf8");
    const registration = leverRegistrationSchema.parse(JSON.parse(text));
    const ended = await bench.watch.until(started.experimentId);
    for (const each of [started, ended, ...bench.watch.heard]) expect(experimentSchema.parse(each)).toEqual(each);
    expect(ended).toMatchObject({ status: "decided", failure: null, raceIds: ["r1", "r2"] });
    expect(ended.doneSteps).toBe(ended.totalSteps);
    const verdict = ended.verdict;
    expect(verdict?.pairs.map(({ seed }) => seed)).toEqual([43, 44, 45]);
    expect(["refuted", "survived", "inconclusive"]).toContain(verdict?.verdict);
    expect(verdict?.arms?.off.seconds).toBeGreaterThan(0);
    expect(verdict?.arms?.on.seconds).toBeGreaterThan(0);
    for (const raceId of ended.raceIds) {
      expect((await bench.race(raceId)).createdAt).toBeGreaterThanOrEqual(registration.registeredAt);
    }
    const steps = bench.watch.heard.map(({ doneSteps }) => doneSteps);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));

    const ledger = await loadLedger(bench.folder.ledger);
    expect([ledger.findings, ledger.rows, ledger.chained]).toEqual([[], [], 1]);
    expect(ledger.verdicts[0]?.row).toMatchObject({
      prereg: started.experimentId,
      race: "lab.igla.toml",
      lever: "relu2",
      arms: registration.arms,
      outcome: verdict,
    });
  });

  it("what was decided is asked anew: another registration, the same numbers, half of alpha, known noise and speed", async () => {
    const first = await bench.run();
    const second = await bench.run();
    expect(second.experimentId).not.toBe(first.experimentId);
    expect(second.verdict?.pairs).toEqual(first.verdict?.pairs);
    expect([first.verdict?.level, second.verdict?.level]).toEqual([0.99, 0.995]);
    expect(bench.folder.rows().map(({ prereg }) => prereg)).toEqual([first.experimentId, second.experimentId]);
    const design = await bench.client.request(planExperiment, bench.folder.wish());
    expect(design.knownDeviation).toBe(first.verdict?.deviation);
    expect(design.expectedPower).toBeGreaterThanOrEqual(0);
    expect(design.estimatedSeconds).toBeGreaterThan(0);
  });

  it("equal time needs measured speeds; with them the arms have steps of their own", async () => {
    const wish = {
      lever: "swiglu",
      equal: "time" as const,
      configText: labFile("", "[levers.swiglu]\nhidden_fraction = 2"),
    };
    expect(await failure(bench.start(wish))).toMatchObject({
      code: "experiment.bad-design",
      message: expect.stringContaining("equal steps once"),
    });
    const timed = (await bench.run({ ...wish, equal: "steps" })).verdict?.arms;
    // How fast this machine was just now decides; an arm that is left with its warm-up alone would be refused.
    const expected = Math.round((30 * (timed?.off.seconds ?? 0)) / (timed?.on.seconds ?? 0));
    if (expected <= 5) {
      expect(await failure(bench.start(wish))).toMatchObject({ code: "experiment.bad-design" });
      return;
    }
    const ended = await bench.run(wish);
    expect(ended.status).toBe("decided");
    const { off, on } = ended.verdict?.arms ?? { off: null, on: null };
    expect([off?.steps, on?.steps]).toEqual([30, expected]);
    expect(ended.verdict?.pairs.every((pair) => pair.off !== null && pair.on !== null)).toBe(true);
  });

  it("a dead lever costs ten steps of each arm, and is dead in the ledger", async () => {
    const configText = labFile().replace("heads = 2", "heads = 8");
    const ended = await bench.run({ lever: "partial-rope", configText, seeds: 40 });
    expect(ended.verdict).toMatchObject({ verdict: "dead-lever", pairs: [], gain: null });
    expect([ended.raceIds, ended.doneSteps]).toEqual([["r1"], 20]);
    expect(bench.folder.rows()).toHaveLength(1);
  });

  it("a lever that makes the loss explode is refuted; a baseline that explodes is invalid", async () => {
    const at = (lr: number) =>
      bench.run({
        configText: labFile().replace("batch = 4", `batch = 4\nclip_norm = 0\nweight_decay = 0\nlr = ${lr}`),
      });
    const refuted = (await at(1e6)).verdict;
    expect(refuted).toMatchObject({ verdict: "refuted", gain: null, interval: null });
    expect(refuted?.pairs.map(({ off, on }) => [off !== null, on])).toEqual(Array(3).fill([true, null]));
    const invalid = (await at(1e9)).verdict;
    expect(invalid).toMatchObject({
      verdict: "invalid",
      gain: null,
      pairs: [{ off: null }, { off: null }, { off: null }],
    });
    expect(bench.folder.rows()).toHaveLength(2);
  });

  it("two looks: the second one only where the first says nothing; the first pairs are those of the first look", async () => {
    const many = await bench.run({ seeds: 6, looks: 2, claim: 10 });
    expect(many.verdict?.verdict).toBe("refuted");
    expect([many.verdict?.pairs.length, many.raceIds.length]).toEqual([3, 2]);
    const narrow = await bench.run({ seeds: 6, looks: 2, claim: 0.001, alpha: 1e-9 });
    expect([narrow.verdict?.verdict, narrow.verdict?.pairs.length]).toEqual(["inconclusive", 6]);
    expect(narrow.verdict?.pairs.slice(0, 3)).toEqual(many.verdict?.pairs);
    expect(narrow.raceIds).toHaveLength(3);
  });

  it("a corpus that is named relative to the workspace", async () => {
    const corpus = bench.folder.pin();
    expect((await bench.run({ corpus: { ...corpus, path: "text.txt" } })).status).toBe("decided");
  });
});

describe("refusals write nothing", () => {
  const { wish } = { wish: (changes: object) => bench.folder.wish(changes) };
  it.each([
    [{ lever: "nothing" }, "experiment.unknown-lever"],
    [{ configText: labFile("", "[levers.gelu]") }, "experiment.lever-conflict"],
    [{ configText: "[race" }, "race.bad-config"],
    [{ seeds: [1] }, "experiment.bad-design"],
    [{ seeds: [4294967296] }, "experiment.bad-design"],
    [{ claim: 0 }, "experiment.bad-design"],
    [{ steps: 5 }, "experiment.bad-design"],
    [{ looks: 4 }, "experiment.bad-design"],
    [{ alpha: 0.5 }, "experiment.bad-design"],
    [{ power: 1 }, "experiment.bad-design"],
    [{ equal: "time" }, "experiment.bad-design"],
    [{ configText: labFile().replace("context = 16", "context = 4096") }, "experiment.bad-design"],
    [{ seeds: 0 }, "protocol.bad-params"],
    [{ steps: 0.5 }, "protocol.bad-params"],
    [{ lever: "" }, "protocol.bad-params"],
  ])("%j: %s", async (changes, code) => {
    for (const definition of [planExperiment, startExperiment] as const) {
      const error = await failure(
        bench.client.request<typeof definition.params, typeof definition.result>(definition, wish(changes)),
      );
      expect(error).toBeInstanceOf(IglaError);
      expect((error as IglaError).code).toBe(code);
      expect([...definition.errors, "protocol.bad-params"]).toContain(code);
    }
    expect(existsSync(join(bench.folder.path, "assertions"))).toBe(false);
  });

  it("a corpus that is another one, or gone", async () => {
    const pin = bench.folder.pin();
    const before = bench.folder.wish();
    bench.folder.writeCorpus(bench.folder.corpus.slice(0, 30_000));
    const gone = { ...before, corpus: { ...pin, path: join(bench.folder.path, "nothing.txt") } };
    for (const one of [before, gone]) {
      expect(await failure(bench.client.request(startExperiment, one))).toMatchObject({ code: "corpus.changed" });
    }
  });

  it("an experiment that does not exist cannot be stopped", async () => {
    const unknown = bench.client.request(stopExperiment, { experimentId: "nobody" });
    expect(await failure(unknown)).toMatchObject({ code: "experiment.not-found" });
  });
});
