/**
 * Does the falsifier hold up itself? Null experiments, whose arms differ in nothing but their seeds, a planted true gain and
 * a planted wrong claim, all judged by the rules of real experiments.
 */
import { splitRanges } from "../data/splits.ts";
import type { Backend } from "../engine/backend.ts";
import { Purpose, uniformStream } from "../engine/random/philox.ts";
import { judgeLever, lookLevels, type Pair, pairsForSurvival, type Rules } from "../evidence/lever-verdict.ts";
import { type LeverVerdictKind, leverVerdicts } from "../protocol/experiments.ts";
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";
import { mean, variance } from "../stats/sample.ts";
import { Population } from "../train/population.ts";

/** Small enough for hundreds of trials, long enough to learn something. */
const steps = 240;
export const noiseSpec: TrialSpec = trialSpecSchema.parse({
  data: {},
  model: { layers: 1, width: 16, heads: 1, context: 16, mlp_mult: 2 },
  optimizer: { batch: 8, lr: 0.01 },
  schedule: { steps, warmup: 20 },
  levers: {},
  seed: 0,
});
/** Bytes of the corpus that are used: the evaluation of a trial covers its whole validation part. */
const corpusBytes = 60_000;
const lanes = 8;

const experiments = { trained: 40, all: 200, planted: 2000, many: 20_000 } as const;
const seedsEach = 5;
const rulesOf = (claim: number, pairs: number): Rules => ({
  claim,
  seeds: Array.from({ length: pairs }, (_, i) => i),
  looks: pairs >= 6 ? [Math.ceil(pairs / 2), pairs] : [pairs],
  spending: "obrien-fleming",
  alpha: 0.01,
  power: 0.8,
});
/** BPB. */
const trueGain = 0.02;
const wrongClaim = 3 * trueGain;

export type Counts = Readonly<Record<LeverVerdictKind, number>>;

export interface FalsifierBench {
  /** Trials whose noise was recorded, and what it is. BPB. */
  readonly noise: {
    readonly trials: number;
    readonly mean: number;
    readonly deviation: number;
    readonly pairDeviation: number;
  };
  readonly trainedNulls: Counts;
  /** Drawn from the recorded noise. */
  readonly simulatedNulls: Counts;
  /** Many more of them, so that the rate is known to a tenth of a percent. */
  readonly manyNulls: Counts;
  readonly plantedGain: { readonly gain: number; readonly seeds: number; readonly verdicts: Counts };
  readonly wrongClaim: {
    readonly gain: number;
    readonly claim: number;
    readonly seeds: number;
    readonly verdicts: Counts;
  };
}

export async function benchFalsifier(
  backend: Backend,
  corpus: Uint8Array,
  onProgress: (fraction: number) => void,
): Promise<FalsifierBench> {
  const trials = experiments.trained * seedsEach * 2;
  const values = await trainSeeds(backend, corpus, trials, onProgress);
  const deviation = Math.sqrt(variance(values));
  const trained = Array.from({ length: experiments.trained }, (_, i) => {
    const own = values.slice(i * seedsEach * 2, (i + 1) * seedsEach * 2);
    return verdictOf(rulesOf(trueGain, seedsEach), own.slice(0, seedsEach), own.slice(seedsEach));
  });
  const draw = drawer(values);
  const simulate = (count: number, rules: Rules, gain: number): LeverVerdictKind[] =>
    Array.from({ length: count }, () => {
      const drawn = draw(2 * rules.seeds.length);
      const off = drawn.slice(0, rules.seeds.length);
      return verdictOf(
        rules,
        off,
        drawn.slice(rules.seeds.length).map((value) => value - gain),
      );
    });
  const pairDeviation = deviation * Math.SQRT2;
  const seeds = pairsForSurvival(trueGain / pairDeviation, rulesOf(trueGain, seedsEach)) ?? seedsEach;
  return {
    noise: { trials, mean: mean(values), deviation, pairDeviation },
    trainedNulls: countsOf(trained),
    simulatedNulls: countsOf(simulate(experiments.all - experiments.trained, rulesOf(trueGain, seedsEach), 0)),
    manyNulls: countsOf(simulate(experiments.many, rulesOf(trueGain, seedsEach), 0)),
    plantedGain: {
      gain: trueGain,
      seeds,
      verdicts: countsOf(simulate(experiments.planted, rulesOf(trueGain, seeds), trueGain)),
    },
    wrongClaim: {
      gain: trueGain,
      claim: wrongClaim,
      seeds,
      verdicts: countsOf(simulate(experiments.planted, rulesOf(wrongClaim, seeds), trueGain)),
    },
  };
}

/** Final validation BPB of `count` trials that differ in their seeds alone. */
async function trainSeeds(
  backend: Backend,
  corpus: Uint8Array,
  count: number,
  onProgress: (fraction: number) => void,
): Promise<number[]> {
  const bytes = corpus.subarray(0, corpusBytes);
  const population = await Population.create(backend, noiseSpec, bytes, splitRanges("three-way", bytes.length), lanes);
  const values: number[] = [];
  try {
    for (let first = 0; first < count; first += lanes) {
      const together = Math.min(lanes, count - first);
      for (let lane = 0; lane < together; lane++)
        await population.start(lane, { ...noiseSpec, seed: 1000 + first + lane });
      await population.train(steps, together);
      for (const { valBpb } of await population.evaluate(together)) values.push(valBpb);
      onProgress(values.length / count);
    }
  } finally {
    await population.dispose();
  }
  return values;
}

/** As an experiment goes: look after look, until one has a verdict. */
function verdictOf(rules: Rules, off: readonly number[], on: readonly number[]): LeverVerdictKind {
  const pairs = off.map((value, i): Pair => ({ seed: i, off: value, on: on[i] ?? null }));
  const levels = lookLevels(rules);
  if (!levels.ok) throw new RangeError(levels.message);
  for (const [look, sideAlpha] of levels.value.entries()) {
    const { verdict } = judgeLever(rules, look, sideAlpha, pairs.slice(0, rules.looks[look]));
    if (verdict !== null) return verdict;
  }
  throw new RangeError("the last look has a verdict");
}

/** Draws values of the list, each time with all of them; the same draws each time that it is made. */
function drawer(values: readonly number[]): (count: number) => number[] {
  const uniform = uniformStream(1, Purpose.sampler);
  return (count) => Array.from({ length: count }, () => values[Math.floor(uniform() * values.length)] ?? Number.NaN);
}

function countsOf(verdicts: readonly LeverVerdictKind[]): Counts {
  const count = (kind: LeverVerdictKind) => verdicts.filter((one) => one === kind).length;
  return Object.fromEntries(leverVerdicts.map((kind) => [kind, count(kind)])) as Record<LeverVerdictKind, number>;
}
