/** Invented curves that look like training: for pictures and timings, not results of anything. */
import { decimate } from "../../daemon/protocol/decimate.ts";
import type { TrialStatus } from "../../daemon/protocol/events.ts";
import type { CurveFacts, RaceFacts, TrialFacts } from "../../extension/webview/chart/messages.ts";

export const raceFacts: RaceFacts = {
  raceId: "r1",
  name: "first race",
  status: "running",
  createdAtMs: 1_700_000_000_000,
  rungs: [1000, 3000, 9000],
  corpus: { label: "tinyshakespeare 86c4e6aa9db7 ascii", sha256: "86c4e6aa9db7".padEnd(64, "0") },
};

/** Small deterministic noise in [-1, 1). */
function noise(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
}

export function curveFacts(number: number, points: number, every = 10, maxPoints = points): CurveFacts {
  const next = noise(number + 1);
  const floor = 1.3 + (number % 13) * 0.06;
  const steps = Array.from({ length: points }, (_, index) => (index + 1) * every);
  const losses = steps.map((step) => floor + 4.2 / (1 + step / 40) ** 0.6 + next() * 0.05);
  const kept = decimate(steps, losses, maxPoints);
  return {
    trialId: `r1-t${String(number).padStart(4, "0")}`,
    tokensPerStep: 1024,
    split: "three-way",
    protocol: "chunked",
    steps: kept.map((index) => steps[index] ?? 0),
    lossNats: kept.map((index) => losses[index] ?? 0),
    atMs: kept.map((index) => raceFacts.createdAtMs + 2000 + (steps[index] ?? 0) * 12),
    rangePoints: points,
    totalPoints: points,
    lastStep: points * every,
    ema: { mean: losses.at(-1) ?? 0, weight: 1 },
  };
}

export function trialFacts(number: number, status: TrialStatus, curve: CurveFacts): TrialFacts {
  const results = raceFacts.rungs.flatMap((step, rung) => {
    if (step > curve.lastStep) return [];
    const index = curve.steps.findIndex((known) => known >= step);
    return [{ rung, step, valBpb: (curve.lossNats[index] ?? 0) / Math.LN2 + 0.08 }];
  });
  const label = `#${number} lr 0.00${(number % 7) + 2}, width ${64 + 16 * (number % 4)}`;
  return { trialId: curve.trialId, raceId: "r1", label, seed: 43 + number, status, step: curve.lastStep, results };
}
