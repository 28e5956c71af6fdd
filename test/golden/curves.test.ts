/**
 * Whole trainings on the CPU backend against an independent f64 implementation of the published definitions:
 * what a review of single kernels cannot see, the wiring above them.
 *
 * The engine computes in f32. Over 40 steps the curves were seen to differ by at most 1e-6 nats and gradient norms by
 * 2e-6 of their size; the limits leave room for another order of additions and are far below what a wrong
 * definition changes. Single weights differ more, because AdamW divides small gradients by their own size.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import type { TrialSpec } from "../../daemon/protocol/trial.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { testCorpus } from "../fixtures/train.ts";
import { cases, STEPS } from "./cases.ts";
import { type EngineRun, engineRun } from "./engine-run.ts";
import { readSettings } from "./settings.ts";
import { batchOrigins, type StepResult, Training, threeWay } from "./training.ts";
import { initialWeights } from "./weights.ts";

const FIRST_LOSS_NATS = 1e-6;
const LOSS_NATS = 2e-5;
const GRAD_NORM_SHARE = 5e-5;
const VAL_BPB = 2e-5;
const WEIGHT = 1e-3;

/** Before training, while a moving average still holds the first weights, and at the end. */
const EVALUATE_AT = [0, 2, STEPS];
const STRIDE = 7;

interface Expected {
  readonly training: Training;
  readonly curve: readonly StepResult[];
  readonly chunked: readonly number[];
  readonly strided: number;
}

const parts = threeWay(testCorpus);

function expectedOf(spec: TrialSpec): Expected {
  const training = new Training(readSettings(spec), parts);
  const chunked: number[] = [];
  const curve = Array.from({ length: STEPS }, (_, step) => {
    if (EVALUATE_AT.includes(step)) chunked.push(training.validationBpb(spec.model.context));
    return training.step();
  });
  chunked.push(training.validationBpb(spec.model.context));
  return { training, curve, chunked, strided: training.validationBpb(STRIDE) };
}

/** The largest distance between two lists of equal length. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Array.from(actual, (x, i) => Math.abs(x - (expected[i] as number))).reduce((a, b) => Math.max(a, b), 0);
}

let backend: Backend;
beforeAll(async () => {
  backend = await cpuBackend(1);
});
afterAll(() => backend.dispose());

describe.each(Object.entries(cases))("%s", (_, spec) => {
  let expected: Expected;
  let run: EngineRun;
  beforeAll(async () => {
    expected = expectedOf(spec);
    run = await engineRun(backend, spec, STEPS, EVALUATE_AT);
  });

  it("starts from the documented weights, to the bit", () => {
    const first = [...initialWeights(readSettings(spec)).values()];
    const shapes = [...run.initial.parameters].map(([name, { shape }]) => [name, shape]);
    expect(shapes).toEqual(first.map(({ name, shape }) => [name, shape]));
    for (const { name, values } of first) {
      expect(distance(run.initial.parameters.get(name)?.values ?? [], values.data), name).toBe(0);
    }
  });

  it("follows the loss curve", () => {
    const [actual, wanted] = [run.curve, expected.curve].map((curve) => curve.map(({ lossNats }) => lossNats));
    expect(distance(actual?.slice(0, 1) ?? [], wanted?.slice(0, 1) ?? [])).toBeLessThan(FIRST_LOSS_NATS);
    expect(distance(actual ?? [], wanted ?? [])).toBeLessThan(LOSS_NATS);
  });

  it("follows the gradient norm", () => {
    const shares = run.curve.map(({ gradNorm }, i) => gradNorm / (expected.curve[i]?.gradNorm ?? Number.NaN));
    expect(distance(shares, new Array(STEPS).fill(1))).toBeLessThan(GRAD_NORM_SHARE);
  });

  it("ends at the same weights", () => {
    for (const { name, values } of expected.training.weights.values()) {
      expect(distance(run.final.parameters.get(name)?.values ?? [], values.data), name).toBeLessThan(WEIGHT);
    }
  });

  it("scores validation in chunks", () => {
    expect(distance(run.valBpb, expected.chunked)).toBeLessThan(VAL_BPB);
  });

  it("scores validation in strides", async () => {
    const strided = { ...spec, data: { ...spec.data, protocol: `strided:${STRIDE}` } };
    const { valBpb } = await engineRun(backend, strided, STEPS, [STEPS]);
    expect(distance(valBpb, [expected.strided])).toBeLessThan(VAL_BPB);
  });
});

describe("the cases", () => {
  it("reach clipped and unclipped steps, and a window that begins the text", () => {
    const spec = cases["AdamW, cosine, clipping, decay"];
    const settings = readSettings(spec);
    const training = new Training(settings, parts);
    const clipped = Array.from({ length: STEPS }, () => training.step().gradNorm > spec.optimizer.clip_norm);
    expect(new Set(clipped)).toEqual(new Set([true, false]));
    expect(Array.from(clipped, (_, step) => batchOrigins(settings, parts.train.length, step)).flat()).toContain(0);
  });
});
