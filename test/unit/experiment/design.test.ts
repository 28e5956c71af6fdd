/** What an experiment is going to be, and what is refused before anything is registered. */
import { describe, expect, it } from "vitest";
import { lookLevels } from "../../../daemon/evidence/lever-verdict.ts";
import {
  describeDesign,
  designExperiment,
  type ExperimentWish,
  smallestGain,
} from "../../../daemon/experiment/design.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import { IglaError } from "../../../daemon/protocol/errors.ts";
import { designSchema } from "../../../daemon/protocol/experiments.ts";
import { configOf, corpusSize, raceFileOf } from "./support.ts";

const design = (wish: Partial<ExperimentWish> = {}, file = raceFileOf(), speed?: { off: number; on: number }) =>
  designExperiment(configOf(file), levers, { lever: "relu2", ...wish }, corpusSize, speed);

function refusal(wish: Partial<ExperimentWish>, file?: string): string {
  try {
    design(wish, file);
  } catch (error) {
    if (error instanceof IglaError && error.code === "experiment.bad-design") return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("seeds", () => {
  it("five, from 43 on, and never one that the race file has seen", () => {
    expect(design().seeds).toEqual([43, 44, 45, 46, 47]);
    const file = raceFileOf("", "rungs = [{ steps = 40 }]\nseed = 44\nseeds = [43, 46, 9]");
    expect(design({}, file).seeds).toEqual([45, 47, 48, 49, 50]);
    const all = raceFileOf("", `rungs = [{ steps = 40 }]\nseeds = [${Array.from({ length: 500 }, (_, i) => 43 + i)}]`);
    expect(design({ seeds: 1000 }, all).seeds).toEqual(Array.from({ length: 1000 }, (_, i) => 543 + i));
  });
  it("named ones are taken as they are", () => {
    expect(design({ seeds: [7, 0, 4294967295] }).seeds).toEqual([7, 0, 4294967295]);
  });
  it.each([
    [[1], "Seed 1 is one of the race file"],
    [[9, 9], "named twice"],
    [[], "No seed"],
    [[4294967296], "4294967296"],
    [[-1], "-1"],
    [[1.5], "1.5"],
    [0, "0 is no number of seeds"],
    [1001, "1001 is no number of seeds"],
    [2.5, "2.5 is no number of seeds"],
  ] as const)("%j is refused", (seeds, why) => {
    expect(refusal({ seeds: seeds as number | readonly number[] })).toContain(why);
  });
});

describe("claim", () => {
  it("the lever's own, as a gain, with its source", () => {
    expect(design()).toMatchObject({ claim: 0.01, claimSource: expect.stringContaining("Primer") });
  });
  it("where nobody claims a gain, the smallest one worth having", () => {
    for (const lever of ["dropout", "tied-head"]) {
      expect(design({ lever })).toMatchObject({ claim: smallestGain, claimSource: expect.stringMatching(/no gain/) });
    }
  });
  it("a named one, in either sign", () => {
    expect(design({ claim: -0.02 })).toMatchObject({ claim: 0.02, claimSource: expect.stringMatching(/named/) });
    expect(design({ claim: 0.02 }).claim).toBe(0.02);
  });
  it.each([0, -0, Number.NaN, Number.POSITIVE_INFINITY])("%d is none", (claim) => {
    expect(refusal({ claim })).toContain("other than 0");
  });
});

describe("steps", () => {
  it("the last rung, the schedule's own, or those asked for", () => {
    const rungs = 'rungs = [{ steps = 20, keep = "1/2" }, { steps = 60 }]';
    expect(design({}, raceFileOf("", rungs)).steps).toEqual({ off: 60, on: 60 });
    const scheduled = raceFileOf("", rungs).replace("[schedule]", "[schedule]\nsteps = 90");
    expect(design({}, scheduled).steps.off).toBe(90);
    expect(design({ steps: 55 }, scheduled).steps.off).toBe(55);
  });
  it("no more than the warm-up teach nothing", () => {
    for (const steps of [1, 3]) expect(refusal({ steps })).toMatch(/no more than the warm-up of 3.*--steps/);
    expect(design({ steps: 4 }).steps.off).toBe(4);
  });
  it("equal operations: the dearer arm has fewer steps, both the same sum", () => {
    const dear = { lever: "swiglu", steps: 1000, equal: "flops" as const };
    const file = raceFileOf("[levers.swiglu]\nhidden_fraction = 2");
    const { steps, cost } = design(dear, file);
    expect(steps.on).toBeLessThan(1000);
    const [off, on] = [steps.off * cost.off.flopsPerStep, steps.on * cost.on.flopsPerStep];
    expect(Math.abs(on - off)).toBeLessThanOrEqual(cost.on.flopsPerStep / 2);
    expect(design({ steps: 40, equal: "flops" }).steps).toEqual({ off: 40, on: 40 });
  });
  it("equal operations that leave the dearer arm nothing but its warm-up are refused", () => {
    const file = raceFileOf("[levers.swiglu]\nhidden_fraction = 2");
    expect(refusal({ lever: "swiglu", steps: 4, equal: "flops" }, file)).toMatch(/warm-up/);
  });
  it("equal time: by the measured speeds; equal steps until there are any", () => {
    const wish = { steps: 100, equal: "time" as const };
    expect(design(wish, undefined, { off: 50, on: 40 }).steps).toEqual({ off: 100, on: 80 });
    expect(design(wish).steps).toEqual({ off: 100, on: 100 });
  });
});

describe("looks", () => {
  it.each([
    [5, undefined, [5]],
    [6, undefined, [3, 6]],
    [9, undefined, [5, 9]],
    [9, 3, [3, 6, 9]],
    [7, 1, [7]],
    [4, 4, [1, 2, 3, 4]],
  ])("%d seeds, %s asked for: after %j pairs", (seeds, looks, expected) => {
    expect(design({ seeds, looks }).looks).toEqual(expected);
  });
  it.each([
    [5, 6],
    [5, 0],
    [5, 1.5],
  ])("%d seeds, %d looks: refused", (seeds, looks) => {
    expect(refusal({ seeds, looks })).toContain("not possible");
  });
  it("whatever is planned can be carried out: levels exist for every look", () => {
    for (const [seeds, looks] of [
      [1000, 1000],
      [1000, 200],
      [1000, 10],
      [12, 12],
    ] as const) {
      try {
        const { claim, alpha, power, ...planned } = design({ seeds, looks });
        const rules = { claim, alpha, power, seeds: [...planned.seeds], looks: [...planned.looks] };
        expect(lookLevels({ ...rules, spending: "obrien-fleming" }).ok).toBe(true);
      } catch (error) {
        expect((error as IglaError).code).toBe("experiment.bad-design");
      }
    }
    expect(refusal({ seeds: 1000, looks: 1000 })).toMatch(/look/i);
  });
});

describe("levels", () => {
  it.each([
    ["alpha", 0],
    ["alpha", 0.5],
    ["alpha", -0.01],
    ["alpha", Number.NaN],
    ["power", 0],
    ["power", 1],
  ])("%s = %d is refused", (name, value) => expect(refusal({ [name]: value })).toContain(name));
});

describe("the model", () => {
  it("a file whose own model fits only its space is refused with the reason", () => {
    const file = raceFileOf('[space."model.heads"]\nchoice = [1, 2]').replace("heads = 2", "heads = 3");
    expect(refusal({}, file)).toMatch(/values outside of \[space\] make no trial: 3 heads .*; expected /);
  });
});

describe("the plan as it is told", () => {
  const corpus = { path: "/w/text.txt", sha256: "ab".repeat(32), name: "text", origin: "config path" };

  it("fits the protocol, and says what is known and what is not", () => {
    const plan = describeDesign(design({ seeds: 6 }), corpus, { deviation: null, stepsPerSec: null, undecided: 0 });
    expect(designSchema.parse(plan)).toEqual(plan);
    expect(plan.corpus).toEqual(corpus);
    expect(plan).toMatchObject({ totalSteps: 6 * 2 * 40, estimatedSeconds: null, knownDeviation: null });
    expect(plan).toMatchObject({ expectedPower: null, seedsNeeded: null, arms: { off: { seconds: null } } });
    const known = describeDesign(design({ seeds: 6 }), corpus, { deviation: 0.001, stepsPerSec: 24, undecided: 0 });
    expect(known).toMatchObject({ estimatedSeconds: 20, knownDeviation: 0.001 });
    expect(known.expectedPower).toBeGreaterThan(0.99);
    expect(known.largestDeviation).toBe(plan.largestDeviation);
  });
});
