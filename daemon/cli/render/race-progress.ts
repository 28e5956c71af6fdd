/** How far a race is and how long it will take. Estimates: early decisions of the search can change both. */
import type { RaceState, TrialState } from "../../protocol/state.ts";

/** Training steps that a trial has done of its present job. */
function stepsInFlight({ job, step }: TrialState): number {
  return job === null ? 0 : Math.min(job.toStep, Math.max(job.fromStep, step)) - job.fromStep;
}

/** Steps trained so far, jobs in flight included. */
export function doneSteps(state: Pick<RaceState, "trials" | "trainedSteps">): number {
  return Object.values(state.trials).reduce((sum, trial) => sum + stepsInFlight(trial), state.trainedSteps);
}

/** Steps of the whole race when every rung passes on its full share; null when nothing limits the race. */
export function expectedSteps(state: Pick<RaceState, "maxTrials" | "budgetSteps" | "rungs">): number | null {
  const { maxTrials, budgetSteps, rungs } = state;
  if (maxTrials === null) return budgetSteps;
  let [trials, from, total] = [maxTrials, 0, 0];
  for (const { steps, keep } of rungs) {
    total += trials * (steps - from);
    from = steps;
    trials = keep === null ? 0 : keptOf(trials, keep);
  }
  return budgetSteps === null ? total : Math.min(total, budgetSteps);
}

/** floor(trials * keep) for a keep written as "1/3". */
function keptOf(trials: number, keep: string): number {
  const [num = 0, den = 1] = keep.split("/").map(Number);
  return Math.floor((trials * num) / den);
}

/** Fraction of the race, 0..1; 1 only when it is over. */
export function raceFraction(state: Omit<RaceState, "status"> & { readonly status: string }): number | null {
  if (state.status === "finished") return 1;
  const expected = expectedSteps(state);
  return expected === null ? null : Math.min(0.999, doneSteps(state) / Math.max(1, expected));
}

const WINDOW_MS = 60_000;
const LEAST_SPAN_MS = 3_000;

/** Training speed over the last minute, evaluation and compilation included. */
export class StepRate {
  readonly #samples: { atMs: number; steps: number }[] = [];

  observe(atMs: number, steps: number): void {
    this.#samples.push({ atMs, steps });
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) > WINDOW_MS) this.#samples.shift();
  }

  /** Steps per second summed over lanes; null until there is enough to say. */
  get stepsPerSec(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < LEAST_SPAN_MS) return null;
    return last.steps > first.steps ? ((last.steps - first.steps) * 1000) / (last.atMs - first.atMs) : null;
  }
}

/** Seconds until the race's end at this speed, or null. */
export function secondsLeft(state: RaceState, stepsPerSec: number | null): number | null {
  const expected = expectedSteps(state);
  if (expected === null || stepsPerSec === null) return null;
  return Math.max(0, expected - doneSteps(state)) / stepsPerSec;
}
