/** Random races, drawn from one seed: ladder, limits, metric with ties and NaN, crashes, duplicates, user actions. */
import { uniformStream } from "../../daemon/engine/random/philox.ts";
import type { Keep, Ladder, LadderRung } from "../../daemon/search/ladder.ts";
import type { SearchRules } from "../../daemon/search/rules.ts";

export type Rng = () => number;

/** Purposes of the test's own streams; the product's begin at 1. */
const scenarioPurpose = 9001;
const arrivalPurpose = 9002;
const metricPurpose = 9003;

export interface Scenario {
  readonly seed: number;
  readonly rules: SearchRules;
  readonly workers: number;
  /** What trial `index` measures at `rung`: a number (perhaps not finite), or "fail" for a crash of its own. */
  readonly outcome: (index: number, rung: number) => number | "fail";
  readonly interruptRate: number;
  readonly duplicateRate: number;
  readonly userRate: number;
  /** How often a report shares its arrival number with the one before it. */
  readonly sharedArrivalRate: number;
}

export function arrivalRng(seed: number, order: number): Rng {
  return uniformStream(seed, arrivalPurpose, order);
}

export function int(rng: Rng, low: number, high: number): number {
  return low + Math.floor(rng() * (high - low + 1));
}

function pick<T>(rng: Rng, values: readonly T[]): T {
  return values[int(rng, 0, values.length - 1)] as T;
}

const keeps: readonly Keep[] = [
  { num: 1, den: 2 },
  { num: 1, den: 3 },
  { num: 1, den: 4 },
  { num: 2, den: 5 },
  { num: 3, den: 8 },
  { num: 1, den: 1 },
];

function randomLadder(rng: Rng): Ladder {
  const rungs: LadderRung[] = [];
  const count = int(rng, 1, 5);
  const scale = pick(rng, [1, 10, 1700]);
  for (let k = 0, steps = 0; k < count; k++) {
    steps += scale * int(rng, 1, 4);
    rungs.push({ steps, keep: k < count - 1 ? pick(rng, keeps) : null });
  }
  return { name: "explicit", rungs };
}

/** Few distinct values, so that ties are common; values on both sides of the prune threshold of 3.5. */
function randomMetric(rng: Rng, seed: number): Scenario["outcome"] {
  const levels = pick(rng, [2, 5, 1000]);
  const oddRate = pick(rng, [0, 0, 0.05, 0.5]);
  return (index, rung) => {
    const draw = uniformStream(seed, metricPurpose, index * 8 + rung);
    if (draw() < oddRate) return pick(draw, ["fail", Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    return 2 + Math.floor(draw() * levels) * (2 / levels);
  };
}

export function randomScenario(seed: number): Scenario {
  const rng = uniformStream(seed, scenarioPurpose);
  const ladder = randomLadder(rng);
  const maxTrials = int(rng, 1, 30);
  const lastSteps = ladder.rungs.at(-1)?.steps ?? 1;
  const budgetSteps = rng() < 0.25 ? int(rng, 1, maxTrials * lastSteps) : null;
  return {
    seed,
    rules: { ladder, maxTrials, budgetSteps, prune: { thresholdBpb: 3.5, warmupSteps: 4000 } },
    workers: int(rng, 1, 8),
    outcome: randomMetric(rng, seed),
    interruptRate: pick(rng, [0, 0.1, 0.4]),
    duplicateRate: pick(rng, [0, 0.1, 0.5]),
    userRate: pick(rng, [0, 0, 0.1]),
    sharedArrivalRate: pick(rng, [0, 0.5]),
  };
}
