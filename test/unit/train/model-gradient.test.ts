/** End-to-end gradient check: the emitted backward pass against central finite differences, all in f64. */
import { describe, expect, it } from "vitest";
import { splitRanges } from "../../../daemon/data/splits.ts";
import { sizeOf } from "../../../daemon/engine/graph/tensor.ts";
import { LaneState } from "../../../daemon/engine/kernels/lane.ts";
import { ReferenceExecutable } from "../../../daemon/engine/reference/backend.ts";
import type { LeverSettings } from "../../../daemon/protocol/trial.ts";
import { laneHyper, resolveTrial } from "../../../daemon/train/plan.ts";
import { packBytes } from "../../../daemon/train/population.ts";
import { buildTrainProgram } from "../../../daemon/train/program.ts";
import { syntheticCorpus, tinySpec } from "../../fixtures/specs.ts";

const corpus = syntheticCorpus(2000);

function prepare(levers: Record<string, LeverSettings>, model: object = {}) {
  const spec = tinySpec({ levers, model });
  const trial = resolveTrial(spec);
  const program = buildTrainProgram(trial, splitRanges("three-way", corpus.length), corpus.length);
  const { planned, parameters, constants } = program;
  const executable = new ReferenceExecutable(planned.program, 1);
  executable.lane(planned.bufferOf("corpus"), 0).set(packBytes(corpus));
  for (const [name, values] of constants) executable.lane(planned.bufferOf(name), 0).set(values);
  executable.lane(planned.bufferOf("lane hyper"), 0).set(laneHyper(trial.plan));
  const initial = Float64Array.from(parameters.initialValues(spec.seed));

  /** Loss of step 0 at the given parameters; gradients stay in the arena. */
  const loss = async (values: Float64Array): Promise<number> => {
    executable.lane(planned.bufferOf("param"), 0).set(values);
    const state = executable.lane(planned.bufferOf("lane state"), 0);
    state[LaneState.step] = 0;
    state[LaneState.seed] = spec.seed;
    await executable.run("train", 1, 1);
    return executable.lane(planned.bufferOf("loss ring"), 0)[0] as number;
  };
  return { parameters, initial, loss, gradient: () => executable.lane(planned.bufferOf("grad"), 0).slice() };
}

const cases: [string, Record<string, LeverSettings>, object?][] = [
  ["baseline", {}],
  ["two layers, grouped keys", {}, { layers: 2, width: 16, heads: 4, kv_heads: 2 }],
  ["no norm gain", {}, { norm_gain: false }],
  ["relu2, qk-norm, qk-gain, softcap", { relu2: {}, "qk-norm": {}, "qk-gain": { init: 1.5 }, softcap: { cap: 5 } }],
  ["swiglu, tied head, dropout", { swiglu: {}, "tied-head": {}, dropout: { rate: 0.3 } }],
  ["gelu, partial rope, muon", { gelu: {}, "partial-rope": { fraction: 0.5 }, muon: {} }],
  ["leaky relu2, fixed qk gain", { "leaky-relu2": {}, "qk-gain": { learned: false } }],
];

describe("model gradient", () => {
  it.each(cases)("equals finite differences: %s", async (_, levers, model) => {
    const { parameters, initial, loss, gradient } = prepare(levers, model);
    await loss(initial);
    const analytic = gradient();
    for (const { name, shape, offset } of parameters.all()) {
      // A few elements of every parameter, away from its edges too.
      const size = sizeOf(shape);
      for (const i of new Set([0, size >> 1, size - 1, Math.floor(size / 3)])) {
        const h = 1e-5;
        const moved = initial.slice();
        moved[offset + i] = (initial[offset + i] as number) + h;
        const above = await loss(moved);
        moved[offset + i] = (initial[offset + i] as number) - h;
        const below = await loss(moved);
        expect(analytic[offset + i], `${name}[${i}]`).toBeCloseTo((above - below) / (2 * h), 7);
      }
    }
  });
});
