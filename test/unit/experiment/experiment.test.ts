/** The course of an experiment with a laboratory whose numbers are planned: what is trained, and what spoils a verdict. */
import { describe, expect, it } from "vitest";
import { armHash } from "../../../daemon/config/arms.ts";
import type { LeverRegistration } from "../../../daemon/evidence/lever-registration.ts";
import { designExperiment, type ExperimentWish, spending } from "../../../daemon/experiment/design.ts";
import { type ExperimentProgress, runExperiment, totalSteps } from "../../../daemon/experiment/experiment.ts";
import { type Lab, Stopped, type TrainedRace, type TrainedTrial } from "../../../daemon/experiment/lab.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import { IglaError } from "../../../daemon/protocol/errors.ts";
import { leverVerdictSchema } from "../../../daemon/protocol/experiments.ts";
import type { TrialSpec } from "../../../daemon/protocol/trial.ts";
import { planRace } from "../../../daemon/race/config-plan.ts";
import { configOf, corpusSize, raceFileOf } from "./support.ts";

const corpusSha256 = "ab".repeat(32);
const isOn = (spec: TrialSpec): boolean => Object.keys(spec.levers).length > 0;

/** BPB of a trial: the lever gains 0.02, seeds scatter. */
const plannedBpb = (spec: TrialSpec): number =>
  2 + (spec.seed % 7) / 100 - (isOn(spec) ? 0.02 + (spec.seed % 3) / 1e4 : 0);

interface Plan {
  readonly trial?: (spec: TrialSpec, raceNumber: number) => Partial<TrainedTrial>;
  readonly race?: (raceNumber: number) => Partial<TrainedRace>;
  readonly floorBpb?: number;
  readonly file?: string;
}

/** Runs one and hands back all that it has asked the laboratory for. */
async function run(wish: Partial<ExperimentWish> = {}, { trial, race, floorBpb, file }: Plan = {}) {
  const config = configOf(file ?? raceFileOf());
  const design = designExperiment(config, levers, { lever: "relu2", seeds: 3, ...wish }, corpusSize);
  const registration = {
    claim: design.claim,
    seeds: [...design.seeds],
    looks: [...design.looks],
    spending,
    alpha: design.alpha,
    hypotheses: design.hypotheses,
    power: design.power,
    arms: { off: armHash(design.arms.off), on: armHash(design.arms.on) },
    registeredAt: 7,
  } as unknown as LeverRegistration;
  const trained: TrialSpec[][] = [];
  const states: ExperimentProgress[] = [];
  const lab: Lab = {
    train: async ({ text, since, onStart, onProgress }) => {
      expect(since).toBe(7);
      const { rules, trial: planned } = planRace(text, "x.igla.toml", null);
      const specs = Array.from({ length: rules.maxTrials }, (_, i) => planned(i).spec);
      trained.push(specs);
      const number = trained.length;
      onStart(`r${number}`);
      onProgress(specs.reduce((sum, { schedule }) => sum + (schedule.steps ?? 0), 0));
      const trials = specs.map((spec): TrainedTrial => {
        const bpb = plannedBpb(spec);
        const weights = async () => new Map([["w", Float32Array.of(1)]]);
        const whole = { end: "finished" as const, code: "", message: "", valBpb: bpb, losses: [bpb], seconds: 2 };
        return { spec, ...whole, weights, ...trial?.(spec, number) };
      });
      return {
        raceId: `r${number}`,
        corpusSha256,
        devices: ["a device"],
        replayMismatches: 0,
        trials,
        ...race?.(number),
      };
    },
  };
  const { splits, bytes } = corpusSize;
  const verdict = await runExperiment({
    design,
    registration,
    shortId: "01234567",
    corpus: { sha256: corpusSha256, bytes, splits },
    floorBpb: floorBpb ?? null,
    lab,
    racing: { reportEvery: 20, checkpointEverySec: 30, lanes: null },
    signal: new AbortController().signal,
    onState: (state) => states.push(state),
  });
  expect(leverVerdictSchema.parse(verdict)).toEqual(verdict);
  return { verdict, design, states, trained };
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe("what is trained", () => {
  it("ten steps of each arm with one seed, then every pair once; the numbers are those of the trials", async () => {
    const { verdict, trained, states, design } = await run();
    expect(trained.map((specs) => specs.length)).toEqual([2, 6]);
    expect(trained[0]?.map(({ seed, schedule }) => [seed, schedule.steps])).toEqual(Array(2).fill([43, 10]));
    expect(new Set(trained[1]?.map((spec) => `${spec.seed} ${isOn(spec)}`)).size).toBe(6);
    expect(verdict).toMatchObject({ verdict: "survived", claim: 0.01, arms: { off: { steps: 40, seconds: 2 } } });
    for (const { seed, off, on } of verdict.pairs) {
      const [spec] = trained[1] ?? [];
      expect(off).toBe(plannedBpb({ ...(spec as TrialSpec), seed, levers: {} }));
      expect(on).toBe(plannedBpb({ ...(spec as TrialSpec), seed, levers: { relu2: {} } }));
    }
    expect(states.at(-1)).toMatchObject({ doneSteps: totalSteps(design), raceIds: ["r1", "r2"] });
  });
  it("a second look trains only the pairs that are new; one that decides trains no more", async () => {
    const open = (spec: TrialSpec) => ({ valBpb: plannedBpb(spec) + (isOn(spec) ? (spec.seed % 5) / 10 : 0) });
    const late = await run({ seeds: 6, alpha: 0.001, claim: 0.2 }, { trial: open });
    expect(late.trained.map((specs) => specs.length)).toEqual([2, 6, 6]);
    expect(late.verdict.pairs.map(({ seed }) => seed)).toEqual([43, 44, 45, 46, 47, 48]);
    const early = await run({ seeds: 6, claim: 5 });
    expect([early.verdict.verdict, early.trained.length, early.verdict.pairs.length]).toEqual(["refuted", 2, 3]);
  });
  it("arms of different lengths are races of their own, with the same seeds", async () => {
    const file = raceFileOf("[levers.swiglu]\nhidden_fraction = 2");
    const { trained, design, verdict } = await run({ lever: "swiglu", equal: "flops" }, { file });
    expect(trained.map((specs) => specs.length)).toEqual([2, 3, 3]);
    const steps = trained.slice(1).map((specs) => [isOn(specs[0] as TrialSpec), specs[0]?.schedule.steps]);
    expect(steps).toEqual([
      [false, design.steps.off],
      [true, design.steps.on],
    ]);
    expect(verdict.pairs).toHaveLength(3);
  });
});

describe("a dead lever is not trained any further", () => {
  it("numbers that are the same, or a parameter that no gradient reaches", async () => {
    const same = await run({ seeds: 100 }, { trial: () => ({ valBpb: 2, losses: [2] }) });
    expect([same.verdict.verdict, same.trained.length, same.verdict.pairs]).toEqual(["dead-lever", 1, []]);
    const blind = { end: "failed", code: "engine.no-gradient", message: "head has no gradient", valBpb: null } as const;
    const none = await run({}, { trial: (spec) => (isOn(spec) ? blind : {}) });
    expect(none.verdict).toMatchObject({ verdict: "dead-lever", reasons: ["head has no gradient"] });
  });
  it("one that makes the probe explode is alive: the pairs decide", async () => {
    const explode = (spec: TrialSpec) => (isOn(spec) ? ({ end: "diverged", valBpb: null } as const) : {});
    const { verdict, trained } = await run({}, { trial: explode });
    expect([verdict.verdict, trained.length]).toEqual(["refuted", 2]);
    expect(verdict.pairs.every(({ on }) => on === null)).toBe(true);
  });
  it("one that ends at the same numbers although the probe saw a difference", async () => {
    const late = (_: TrialSpec, race: number) => (race === 1 ? {} : { valBpb: 2 });
    expect((await run({}, { trial: late })).verdict).toMatchObject({ verdict: "dead-lever", pairs: { length: 3 } });
  });
});

describe("what spoils a verdict", () => {
  it("pairs of different devices are no pairs, be it between looks or within a race", async () => {
    const open = (spec: TrialSpec) => ({ valBpb: plannedBpb(spec) + (isOn(spec) ? (spec.seed % 5) / 10 : 0) });
    const looks = { seeds: 6, alpha: 0.001, claim: 0.2 };
    const moved = await run(looks, { trial: open, race: (race) => ({ devices: [race === 3 ? "a GPU" : "a CPU"] }) });
    expect(moved.verdict).toMatchObject({ verdict: "invalid", reasons: [expect.stringContaining("a CPU; a GPU")] });
    expect(moved.verdict.pairs).toHaveLength(6);
    const within = await run({}, { race: (race) => (race === 2 ? { devices: ["a CPU", "went on on a GPU"] } : {}) });
    expect(within.verdict.verdict).toBe("invalid");
    // The ten steps of liveness compare nothing across races.
    const probe = await run({}, { race: (race) => ({ devices: [race === 1 ? "a GPU" : "a CPU"] }) });
    expect(probe.verdict.verdict).toBe("survived");
  });
  it("a device that is not deterministic", async () => {
    const { verdict } = await run({}, { race: (race) => (race === 2 ? { replayMismatches: 3 } : {}) });
    expect(verdict).toMatchObject({ verdict: "invalid", gain: null, pairs: { length: 3 } });
    expect(verdict.reasons[0]).toContain("3 numbers came out differently");
  });
  it.each(["cd".repeat(32), null])("a corpus that is not the registered one: %s", async (other) => {
    const { verdict } = await run({}, { race: (race) => (race === 2 ? { corpusSha256: other } : {}) });
    expect(verdict).toMatchObject({ verdict: "invalid", gain: null });
    expect(verdict.reasons[0]).toMatch(/r2 is not the registered one \(abababababab\)/);
  });
  it("a number below the floor of the corpus; one at the floor is fine", async () => {
    const { verdict } = await run({}, { floorBpb: 2.025 });
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.reasons[0]).toMatch(/Seed 4\d is below 2\.025 BPB/);
    expect(verdict.reasons.length).toBeGreaterThan(1);
    const least = Math.min(...verdict.pairs.flatMap(({ off, on }) => [off ?? 9, on ?? 9]));
    expect((await run({}, { floorBpb: least })).verdict.verdict).toBe("survived");
  });
  it.each(["failed", "interrupted"] as const)(
    "a trial that %s is an error with its seed, in the probe and later",
    async (end) => {
      for (const spoilt of [1, 2]) {
        const trial = (_: TrialSpec, race: number) => (race === spoilt ? { end, message: "the device is gone" } : {});
        const error = await failure(run({}, { trial }));
        expect(error).toBeInstanceOf(IglaError);
        expect(error).toMatchObject({
          code: "experiment.trial-failed",
          message: expect.stringMatching(/Seed 43: the device is gone/),
        });
      }
    },
  );
  it("a trial that is missing, or another one in its place", async () => {
    const none = await failure(run({}, { race: (race) => (race === 2 ? { trials: [] } : {}) }));
    expect(none).toMatchObject({ code: "experiment.trial-failed", message: expect.stringContaining("r2") });
    const other = (spec: TrialSpec, race: number) =>
      race === 2 ? { spec: { ...spec, optimizer: { ...spec.optimizer, lr: 0.1 } } } : {};
    expect(await failure(run({}, { trial: other }))).toMatchObject({ code: "experiment.trial-failed" });
  });
  it("what the laboratory throws comes out as it is", async () => {
    const stop = (race: number): Partial<TrainedRace> => {
      if (race === 2) throw new Stopped("stopped by the user");
      return {};
    };
    expect(await failure(run({}, { race: stop }))).toBeInstanceOf(Stopped);
  });
});
