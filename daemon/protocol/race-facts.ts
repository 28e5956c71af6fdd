/** What agents are told about a race: the figures that a decision needs, not the whole state. */
import { describeGuard, isViolated } from "./guards.ts";
import type { RaceState } from "./state.ts";

export interface RaceFacts {
  readonly raceId: string;
  readonly name: string;
  readonly path: string;
  readonly status: RaceState["status"];
  readonly reason: string;
  /** Lower is better; measured on the validation part of the corpus. */
  readonly best: RaceState["best"];
  readonly corpus: RaceState["corpus"];
  readonly trainedSteps: number;
  readonly budgetSteps: number | null;
  readonly tokensPerSec: number | null;
  readonly rungs: RaceState["rungs"];
  /** Each invariant that the race breaks, with the theorem behind it. */
  readonly brokenInvariants: readonly string[];
  /** Trials by their state. */
  readonly trials: Readonly<Record<string, number>>;
}

export function raceFacts(race: RaceState): RaceFacts {
  const { raceId, name, path, status, reason, best, corpus, trainedSteps, budgetSteps, rungs, speed } = race;
  const trials: Record<string, number> = {};
  for (const trial of Object.values(race.trials)) trials[trial.status] = (trials[trial.status] ?? 0) + 1;
  const tokensPerSec = speed?.tokensPerSec ?? null;
  const brokenInvariants = race.guards.filter(isViolated).map(describeGuard);
  const facts = { raceId, name, path, status, reason, best, corpus, trainedSteps, budgetSteps, tokensPerSec, rungs };
  return { ...facts, brokenInvariants, trials };
}
