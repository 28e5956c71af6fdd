/** What `igla bench falsifier` found out, as text. */
import type { Counts, FalsifierBench } from "../../bench/falsifier-bench.ts";
import { leverVerdicts } from "../../protocol/experiments.ts";
import type { Line } from "./text.ts";

export function falsifierLines({
  noise,
  trainedNulls,
  simulatedNulls,
  manyNulls,
  plantedGain,
  wrongClaim,
}: FalsifierBench): Line[] {
  const nulls = sum(trainedNulls) + sum(simulatedNulls);
  const survived = trainedNulls.survived + simulatedNulls.survived;
  return [
    [
      `noise       ${noise.trials} trials that differ in their seeds alone: ${noise.mean.toFixed(4)} BPB, deviation ${noise.deviation.toFixed(4)}, of a pair ${noise.pairDeviation.toFixed(4)}`,
    ],
    [`null        ${sum(trainedNulls)} experiments trained: ${words(trainedNulls)}`],
    [`            ${sum(simulatedNulls)} drawn from the noise: ${words(simulatedNulls)}`],
    [`            ${survived} of ${nulls} survived (${percent(survived, nulls)}; at most 1 % should)`],
    [`            of ${sum(manyNulls)} more drawn ones ${percent(manyNulls.survived, sum(manyNulls), 2)} survived`],
    [
      `true gain   of ${plantedGain.gain} BPB, ${plantedGain.seeds} pairs as the power calculation asks: ${words(plantedGain.verdicts)}`,
    ],
    [
      `            found in ${percent(plantedGain.verdicts.survived, sum(plantedGain.verdicts))} (at least 80 % should be)`,
    ],
    [
      `wrong claim of ${wrongClaim.claim} BPB where ${wrongClaim.gain} are true, ${wrongClaim.seeds} pairs: ${words(wrongClaim.verdicts)}`,
    ],
  ];
}

function sum(counts: Counts): number {
  return leverVerdicts.reduce((total, kind) => total + counts[kind], 0);
}

function words(counts: Counts): string {
  return leverVerdicts
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${kind}`)
    .join(", ");
}

function percent(part: number, whole: number, digits = 1): string {
  return `${((100 * part) / whole).toFixed(digits)} %`;
}
