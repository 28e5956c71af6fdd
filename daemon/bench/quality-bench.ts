/** What the engine reaches on TinyShakespeare with 1.6 M training tokens, the budget of nanoGPT's CPU example. */
import { splitCorpus } from "../data/splits.ts";
import type { Backend } from "../engine/backend.ts";
import type { CorpusTag, EvalResult } from "../protocol/artifacts.ts";
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";
import { Population } from "../train/population.ts";
import { referenceSpec } from "./reference.ts";
import type { BenchClock } from "./train-bench.ts";

/** 1562 steps of 16 x 64 tokens are 1,599,488. */
const STEPS = 1562;
const CHUNK = 142;

const schedule = { ...referenceSpec.schedule, steps: STEPS, warmup: 50, min_lr_fraction: 0 };
/** The same model, data order and budget; only the levers differ. */
export const qualitySpecs: readonly { readonly name: string; readonly spec: TrialSpec }[] = [
  { name: "AdamW", spec: trialSpecSchema.parse({ ...referenceSpec, schedule }) },
  {
    name: "Muon, ReLU², QK-norm",
    spec: trialSpecSchema.parse({ ...referenceSpec, schedule, levers: { muon: {}, relu2: {}, "qk-norm": {} } }),
  },
];

export interface QualityBench {
  readonly name: string;
  readonly corpus: CorpusTag;
  readonly parameters: number;
  readonly trainTokens: number;
  readonly evaluation: EvalResult;
  readonly elapsedSec: number;
}

export async function benchQuality(
  backend: Backend,
  clock: BenchClock,
  corpus: { readonly bytes: Uint8Array; readonly tag: CorpusTag },
  onProgress: (name: string, fraction: number) => void,
): Promise<QualityBench[]> {
  const results: QualityBench[] = [];
  for (const { name, spec } of qualitySpecs) {
    const startedMs = clock.now();
    const splits = splitCorpus(corpus.tag, spec.data.split, spec.model.context);
    const population = await Population.create(backend, spec, corpus.bytes, splits, 1);
    await population.start(0, spec);
    for (let step = 0; step < STEPS; step += CHUNK) {
      await population.train(Math.min(CHUNK, STEPS - step), 1);
      onProgress(name, (step + CHUNK) / STEPS);
    }
    const [evaluation] = (await population.evaluate(1)) as [EvalResult];
    results.push({
      name,
      corpus: corpus.tag,
      parameters: population.parameterCount,
      trainTokens: STEPS * population.tokensPerStep,
      evaluation,
      elapsedSec: (clock.now() - startedMs) / 1000,
    });
    await population.dispose();
  }
  return results;
}
