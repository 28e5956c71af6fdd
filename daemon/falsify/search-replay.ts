/** Races of the project's own scheduler on made-up learning curves: regret by trained steps. */
import { uniformStream } from "../engine/random/philox.ts";
import type { RegretCurve } from "../evidence/gates/bohb.ts";
import { Asha } from "../search/asha.ts";
import { defaultPruneRule } from "../search/prune.ts";
import type { SearchRules } from "../search/rules.ts";

const purpose = 102;
const keep = { num: 1, den: 3 };
export const rungSteps = [100, 300, 900] as const;
const rules: SearchRules = {
  ladder: {
    name: "explicit",
    rungs: rungSteps.map((steps, i) => ({ steps, keep: i === rungSteps.length - 1 ? null : keep })),
  },
  maxTrials: 1000,
  budgetSteps: 8000,
  prune: defaultPruneRule,
};

/** Learning rates are searched on a logarithmic scale, here 0..1. */
export interface Seen {
  readonly point: number;
  readonly bpb: number;
}
/** @param seen results at the highest rung that has some @param uniform draws in [0, 1) */
export type Suggest = (seen: readonly Seen[], uniform: () => number) => number;

const best = 0.7;
/** BPB after `steps`: b + a t^-p, best at one learning rate, and noise that the seed of the replay makes. */
export function curveAt(point: number, steps: number, noise: number): number {
  return finalBpb(point) + (8 + 10 * (point - best) ** 2) * steps ** -0.5 + 0.02 * noise;
}
const finalBpb = (point: number): number => 2 + 2 * (point - best) ** 2;

export const randomly: Suggest = (_, uniform) => uniform();

/** Near one of the best third of what was seen; every third suggestion stays random, as in BOHB. */
export const nearTheBest: Suggest = (seen, uniform) => near(seen, uniform, (a, b) => a.bpb - b.bpb);
/** The same with the sign of the objective lost: it looks where the results are worst. */
export const nearTheWorst: Suggest = (seen, uniform) => near(seen, uniform, (a, b) => b.bpb - a.bpb);

function near(seen: readonly Seen[], uniform: () => number, order: (a: Seen, b: Seen) => number): number {
  if (seen.length < 6 || uniform() < 1 / 3) return uniform();
  const good = seen.toSorted(order).slice(0, Math.ceil(seen.length / 3));
  const around = good[Math.floor(uniform() * good.length)]?.point ?? uniform();
  return Math.min(1, Math.max(0, around + 0.1 * (uniform() - 0.5)));
}

/** One race with one worker. Regret is that of the trial with the lowest BPB so far. */
export function regretOf(suggest: Suggest, seed: number): RegretCurve {
  const asha = new Asha(rules);
  const [uniform, noise] = [uniformStream(seed, purpose, 1), uniformStream(seed, purpose, 2)];
  const points = new Map<string, number>();
  const seen: Seen[][] = rungSteps.map(() => []);
  const curve: { steps: number; regret: number }[] = [];
  let incumbent: Seen | null = null;
  for (let arrival = 1; ; arrival++) {
    const decision = asha.decide();
    if (decision.kind !== "start" && decision.kind !== "promote") return curve;
    const trialId = decision.kind === "start" ? `t${decision.index}` : decision.trialId;
    if (decision.kind === "start")
      points.set(trialId, suggest(seen.findLast((list) => list.length > 5) ?? [], uniform));
    asha.apply(decision.kind === "start" ? { ...decision, trialId } : decision);
    const rung = decision.kind === "start" ? 0 : decision.toRung;
    const [step, point] = [rungSteps[rung] ?? 0, points.get(trialId) ?? 0];
    const bpb = curveAt(point, step, noise() - 0.5);
    asha.apply({ kind: "result", trialId, rung, step, valBpb: bpb, arrival });
    seen[rung]?.push({ point, bpb });
    if (incumbent === null || bpb < incumbent.bpb) incumbent = { point, bpb };
    curve.push({ steps: asha.trainedSteps, regret: finalBpb(incumbent.point) - finalBpb(best) });
  }
}

/** UCB1 (Auer et al. 2002) over families of different quality. @param reward 1 for a good result, 0 for a bad one */
export function banditRegret(
  brackets: number,
  seed: number,
  reward: (bpb: number) => number,
): { ucb: number; uniform: number }[] {
  const families = [2.0, 2.2, 2.4, 2.6];
  const uniform = uniformStream(seed, purpose, 3);
  const pulls = families.map(() => 0);
  const rewards = families.map(() => 0);
  const lowest = Math.min(...families);
  return Array.from({ length: brackets }, (_, n) => {
    const scores = families.map((_, i) => {
      const [count = 0, total = 0] = [pulls[i], rewards[i]];
      return count === 0 ? Number.POSITIVE_INFINITY : total / count + Math.sqrt((2 * Math.log(n + 1)) / count) / 4;
    });
    const arm = scores.indexOf(Math.max(...scores));
    const bpb = (families[arm] ?? 0) + 0.2 * (uniform() - 0.5);
    pulls[arm] = (pulls[arm] ?? 0) + 1;
    rewards[arm] = (rewards[arm] ?? 0) + reward(bpb);
    const mean = families.reduce((a, b) => a + b, 0) / families.length;
    return { ucb: (families[arm] ?? 0) - lowest, uniform: mean - lowest };
  });
}
