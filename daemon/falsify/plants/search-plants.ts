/** Accelerators of the search that mislead it: a flipped sampler, a surrogate on shifted rows, a grid past the optimum. */
import { uniformStream } from "../../engine/random/philox.ts";
import { banditGate } from "../../evidence/gates/bandit.ts";
import { type BohbInput, bohbGate } from "../../evidence/gates/bohb.ts";
import { type GridInput, phiGridGate } from "../../evidence/gates/phi-grid.ts";
import { type SurrogateInput, surrogateGate } from "../../evidence/gates/surrogate.ts";
import { clean, plant, type SuiteCase } from "../../evidence/suite/suite.ts";
import {
  banditRegret,
  curveAt,
  nearTheBest,
  nearTheWorst,
  randomly,
  regretOf,
  rungSteps,
  type Suggest,
} from "../search-replay.ts";

const purpose = 103;
const replays = Array.from({ length: 12 }, (_, seed) => seed);

const replayed = (suggest: Suggest): BohbInput => ({
  bohb: replays.map((seed) => regretOf(suggest, seed)),
  asha: replays.map((seed) => regretOf(randomly, seed)),
});

type Row = SurrogateInput["heldOut"][number] & { readonly point: number };

/** A straight line in (rung 2, learning rate, its square), fitted on four fifths of recorded curves. */
function surrogate(options: {
  readonly shiftedBy?: number;
  readonly sharedGroup?: boolean;
  /** Predictions are rounded to multiples of it. */
  readonly grain?: number;
}): SurrogateInput {
  const { shiftedBy = 0, sharedGroup = false, grain = 0 } = options;
  const rounded = (bpb: number) => (grain === 0 ? bpb : grain * Math.round(bpb / grain));
  const uniform = uniformStream(11, purpose);
  const rows = Array.from({ length: 100 }, (_, i): Row => {
    const point = uniform();
    const [rung2Bpb, lastBpb] = [rungSteps[1], rungSteps[2]].map((steps) => curveAt(point, steps, uniform() - 0.5)) as [
      number,
      number,
    ];
    return { group: `config ${i}`, point, rung2Bpb, lastBpb, predictedBpb: Number.NaN };
  });
  const [training, heldOut] = [rows.slice(0, 80), rows.slice(80)];
  const features = ({ rung2Bpb, point }: Row) => [1, rung2Bpb, point, point * point];
  const targets = training.map((_, i) => training[(i + shiftedBy) % training.length]?.lastBpb ?? 0);
  const weights = leastSquares(training.map(features), targets);
  const predicted = heldOut.map((row) => ({
    ...row,
    predictedBpb: rounded(features(row).reduce((total, x, k) => total + x * (weights[k] ?? 0), 0)),
  }));
  return { training: sharedGroup ? [...training, ...heldOut.slice(0, 1)] : training, heldOut: predicted };
}

/** Normal equations by elimination. */
function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const n = rows[0]?.length ?? 0;
  const a = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) =>
      rows.reduce((t, row) => t + (row[i] ?? 0) * (row[j] ?? 0), i === j ? 1e-9 : 0),
    ),
    rows.reduce((t, row, r) => t + (row[i] ?? 0) * (targets[r] ?? 0), 0),
  ]);
  for (const [i, pivot] of a.entries()) {
    for (const [k, other] of a.entries()) {
      if (k === i) continue;
      const factor = (other[i] ?? 0) / (pivot[i] ?? 1);
      for (let j = i; j <= n; j++) other[j] = (other[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  return a.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}

/** floor(64 phi^k) for k = 0..5. */
const phiHidden = Array.from({ length: 6 }, (_, k) => Math.floor(64 * ((1 + Math.sqrt(5)) / 2) ** k));

/** Sixty past configurations, of which those nearest to `optimum` are best. */
function pastAround(optimum: number): GridInput {
  const widths = [...phiHidden, 128, 256, 384, 512];
  const past = Array.from({ length: 60 }, (_, i) => {
    const hidden = widths[i % widths.length] ?? 0;
    const bpb = 2 + Math.log2(hidden / optimum) ** 2 / 10 + 0.001 * Math.floor(i / widths.length);
    return { id: `config ${i}`, bpb, values: { hidden } };
  });
  return { past, grid: { hidden: phiHidden } };
}

const rewarded = (bpb: number) => Math.min(1, Math.max(0, 2.7 - bpb));

export function searchCases(): SuiteCase[] {
  return [
    plant(bohbGate, "a sampler that lost the sign of the objective", /At 6000 steps the mean regret/, () =>
      replayed(nearTheWorst),
    ),
    plant(bohbGate, "a sampler that is as random as ASHA's", /At 6000 steps the mean regret/, () => replayed(randomly)),
    clean(bohbGate, "a sampler that looks near the best results", () => replayed(nearTheBest)),
    plant(surrogateGate, "a surrogate fitted on targets shifted by one row", /mean absolute error/, () =>
      surrogate({ shiftedBy: 1 }),
    ),
    plant(surrogateGate, "a held-out configuration that was trained on", /both in training and held out/, () =>
      surrogate({ sharedGroup: true }),
    ),
    plant(
      surrogateGate,
      "predictions in steps of a quarter bit, worse than the mean drop",
      /is 0\.0[3-9]\d* BPB; .* below 0\.03/,
      () => surrogate({ grain: 0.25 }),
    ),
    clean(surrogateGate, "the surrogate fitted on its own targets", () => surrogate({})),
    plant(phiGridGate, "past optima of 128 hidden units, between two values of the grid", /with hidden 128/, () =>
      pastAround(128),
    ),
    clean(phiGridGate, "past optima of 103 hidden units, a value of the grid", () => pastAround(103)),
    plant(banditGate, "UCB1 that is rewarded for a high BPB", /UCB's regret is/, () => ({
      brackets: banditRegret(60, 1, (bpb) => 1 - rewarded(bpb)),
    })),
    clean(banditGate, "UCB1 that is rewarded for a low BPB", () => ({ brackets: banditRegret(60, 1, rewarded) })),
  ];
}
