/** Short trainings of tiny models with the project's own engine, for plants that need a real model. */
import { type Splits, splitRanges } from "../data/splits.ts";
import type { Backend } from "../engine/backend.ts";
import { sizeOf } from "../engine/graph/tensor.ts";
import type { Hooks } from "../model/hooks.ts";
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";
import { type ResolvedTrial, resolveTrial } from "../train/plan.ts";
import { type LaneSnapshot, Population } from "../train/population.ts";
import { plainText } from "./text.ts";

export interface TinyTrial {
  readonly seed: number;
  readonly lr: number;
  readonly levers?: TrialSpec["levers"];
  readonly width?: number;
  readonly heads?: number;
  readonly warmup?: number;
}

export const tinySteps = 10;
export const tinyContext = 16;

export function tinySpec({ seed, lr, levers = {}, width = 16, heads = 2, warmup = 2 }: TinyTrial): TrialSpec {
  return trialSpecSchema.parse({
    data: { split: "three-way", protocol: "chunked" },
    model: { layers: 1, width, heads, context: tinyContext, mlp_mult: 2 },
    optimizer: { batch: 4, lr, weight_decay: 0.1 },
    schedule: { kind: "flat", steps: 1000, warmup },
    levers,
    seed,
  });
}

export interface TinyCorpus {
  readonly bytes: Uint8Array;
  readonly splits: Splits;
}

export function tinyCorpus(bytes = plainText(8000, 1)): TinyCorpus {
  return { bytes, splits: splitRanges("three-way", bytes.length) };
}

export interface TinyRun {
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly valBpb: number;
  readonly nllNats: number;
  /** Of every parameter over all steps: its largest absolute gradient, and whether it moved. */
  readonly parameters: readonly {
    readonly name: string;
    readonly maxAbsGradient: number;
    readonly moved: boolean;
  }[];
  readonly snapshot: LaneSnapshot;
}

/** Hooks of a lever that is tried and not registered, after those of the registered ones. */
export const withHooks =
  (extra: Hooks) =>
  (spec: TrialSpec): ResolvedTrial => {
    const { hooks, plan } = resolveTrial(spec);
    return { spec, hooks: { ...hooks, ...extra }, plan: extra.plan?.(plan) ?? plan };
  };

/** Trains trials of one shape side by side, a lane each. @param watch look at the gradients after every step (slower) */
export async function trainTiny(
  backend: Backend,
  trials: readonly TinyTrial[],
  options: {
    readonly steps?: number;
    readonly corpus?: TinyCorpus;
    readonly resolve?: (spec: TrialSpec) => ResolvedTrial;
    readonly watch?: boolean;
  } = {},
): Promise<TinyRun[]> {
  const { steps = tinySteps, corpus = tinyCorpus(), resolve = resolveTrial, watch = false } = options;
  const specs = trials.map(tinySpec);
  const [first] = specs;
  if (first === undefined) return [];
  const population = await Population.create(backend, first, corpus.bytes, corpus.splits, specs.length, resolve);
  try {
    for (const [lane, spec] of specs.entries()) await population.start(lane, spec);
    const before = await Promise.all(specs.map((_, lane) => population.read("param", lane)));
    const largest = specs.map(() => population.parameters.map(() => 0));
    for (let step = 0; step < steps; step += watch ? 1 : steps) {
      await population.train(watch ? 1 : steps, specs.length);
      for (const lane of watch ? specs.keys() : [])
        raise(largest[lane] ?? [], population, await population.read("grad", lane));
    }
    const evaluations = await population.evaluate(specs.length);
    return await Promise.all(
      specs.map(async (_, lane): Promise<TinyRun> => {
        const curve = await population.losses(lane, steps, steps);
        const after = await population.read("param", lane);
        const { valBpb = Number.NaN, nllNats = Number.NaN } = evaluations[lane] ?? {};
        return {
          losses: curve.map(({ lossNats }) => lossNats),
          gradNorms: curve.map(({ gradNorm }) => gradNorm),
          valBpb,
          nllNats,
          parameters: population.parameters.map(({ name, shape, offset }, i) => ({
            name,
            maxAbsGradient: largest[lane]?.[i] ?? 0,
            moved: after.subarray(offset, offset + sizeOf(shape)).some((x, k) => x !== before[lane]?.[offset + k]),
          })),
          snapshot: await population.snapshot(lane),
        };
      }),
    );
  } finally {
    await population.dispose();
  }
}

function raise(largest: number[], population: Population, gradient: Float32Array): void {
  for (const [i, { shape, offset }] of population.parameters.entries()) {
    for (const g of gradient.subarray(offset, offset + sizeOf(shape))) {
      largest[i] = Math.max(largest[i] ?? 0, Math.abs(g));
    }
  }
}
