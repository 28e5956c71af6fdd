/** Which jobs share a group, that is, run as lanes of one program. Pure. */
import type { RaceState } from "../protocol/state.ts";

export interface PackedJob {
  readonly trialId: string;
  readonly rung: number;
  readonly fromStep: number;
  readonly toStep: number;
  readonly shapeKey: string;
}

/**
 * A group's results are committed together, so a lane that needs far more steps than the others would keep their
 * results back; three is the ratio of neighbouring rungs in the `trinity` ladder.
 */
const maxStepRatio = 3;

const stepsOf = (job: PackedJob) => job.toStep - job.fromStep;

/** Whether `job` may run beside `group` (at least one job). */
export function fitsGroup(group: readonly PackedJob[], job: PackedJob): boolean {
  if (group.some((other) => other.shapeKey !== job.shapeKey)) return false;
  const steps = [...group, job].map(stepsOf);
  return Math.max(...steps) <= maxStepRatio * Math.min(...steps);
}

/**
 * Jobs that may wait for a group of their shape while others are asked for. Each is a decision made early, so no
 * more of them than a group has lanes; a single lane needs none.
 */
export function maxWaiting(lanes: number): number {
  return lanes > 1 ? lanes : 0;
}

/** Ordered jobs that belong to no group, oldest order first. */
export function waitingJobs(state: RaceState, shapeKey: (trialId: string) => string): PackedJob[] {
  const inFlight = new Set(state.group?.trialIds ?? []);
  return Object.values(state.trials)
    .filter((trial) => trial.status === "waiting" && trial.job !== null && !inFlight.has(trial.trialId))
    .sort((a, b) => (a.job?.orderSeq ?? 0) - (b.job?.orderSeq ?? 0))
    .flatMap(({ trialId, job }) => {
      if (job === null) return [];
      const { rung, fromStep, toStep } = job;
      return [{ trialId, rung, fromStep, toStep, shapeKey: shapeKey(trialId) }];
    });
}

/** Takes the oldest job and all that fit beside it, up to `lanes`; the rest stays in order. */
export function takeGroup(
  jobs: readonly PackedJob[],
  lanes: number,
): { readonly group: PackedJob[]; readonly rest: PackedJob[] } {
  const group: PackedJob[] = [];
  const rest: PackedJob[] = [];
  for (const job of jobs) (group.length < lanes && fitsGroup(group, job) ? group : rest).push(job);
  return { group, rest };
}
