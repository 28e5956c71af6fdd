/** The cost of an arm against a count by hand. */
import { describe, expect, it } from "vitest";
import { armSpec, armsOf } from "../../../daemon/config/arms.ts";
import { armCost } from "../../../daemon/experiment/cost.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import { configOf, corpusSize, raceFileOf } from "./support.ts";

const { splits, bytes } = corpusSize;
const costs = (lever: string, file = raceFileOf()) => {
  const arms = armsOf(configOf(file), lever, levers);
  return {
    off: armCost(armSpec(arms.off, 43, 40), splits, bytes),
    on: armCost(armSpec(arms.on, 43, 40), splits, bytes),
  };
};

/** The model of `raceFileOf`: bytes, width, hidden width, heads of 4 dimensions, positions of two windows of 6 bytes. */
const [vocabulary, width, hidden, heads, headDim, positions] = [256, 8, 16, 2, 4, 12];
/** Query, key, value, output; both of the MLP. */
const inner = 4 * width * width + 2 * width * hidden;
const table = vocabulary * width;
/** Pairs of a position and one that it may look at, in both windows and heads. */
const pairs = 2 * heads * ((6 * 7) / 2);

describe("one layer of width 8", () => {
  it("parameters: two tables, the matrices, three gains of the norms", () => {
    expect(costs("relu2").off.parameters).toBe(2 * table + inner + 3 * width);
  });
  it("operations: each matrix three times a position, attention two products forward and five backward", () => {
    const matrices = 3 * 2 * positions * (inner + table);
    const attention = (2 + 5) * 2 * pairs * headDim;
    expect(costs("relu2").off.flopsPerStep).toBe(matrices + attention);
  });
  it("an activation costs nothing that is counted; a tied head one table less, the same operations", () => {
    const { off, on } = costs("relu2");
    expect(on).toEqual(off);
    const tied = costs("tied-head");
    expect(tied.on).toEqual({ parameters: off.parameters - table, flopsPerStep: off.flopsPerStep });
  });
  it("a gate of the full hidden width is a third matrix", () => {
    const { off, on } = costs("swiglu", raceFileOf("[levers.swiglu]\nhidden_fraction = 1"));
    expect(on.parameters - off.parameters).toBe(width * hidden);
    expect(on.flopsPerStep - off.flopsPerStep).toBe(3 * 2 * positions * width * hidden);
  });
  it("a learned gain is one parameter a head", () => {
    const { off, on } = costs("qk-gain");
    expect(on).toEqual({ ...off, parameters: off.parameters + heads });
  });
  it("Muon pays for its own products", () => {
    const { off, on } = costs("muon");
    expect(on.parameters).toBe(off.parameters);
    expect(on.flopsPerStep).toBeGreaterThan(off.flopsPerStep);
  });
  it("twice the batch, twice the operations", () => {
    const [once, twice] = [costs("relu2"), costs("relu2", raceFileOf().replace("batch = 2", "batch = 4"))];
    expect(twice.off).toEqual({ ...once.off, flopsPerStep: 2 * once.off.flopsPerStep });
  });
});
