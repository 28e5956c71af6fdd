/**
 * INV-2: a trial is killed by an absolute rule only when its validation BPB lies above 3.5 = phi^2 + phi^-2 + 0.5
 * after more than 4000 steps; the warm-up is blind. Pausing by rank is not a kill (SPEC 3).
 */

export const minThresholdBpb = 3.5;
export const minWarmupSteps = 4000;

export interface PruneRule {
  readonly thresholdBpb: number;
  readonly warmupSteps: number;
}

export const defaultPruneRule: PruneRule = { thresholdBpb: minThresholdBpb, warmupSteps: minWarmupSteps };

export interface PruneIssue {
  readonly code: "prune.threshold-too-low" | "prune.warmup-too-short";
  readonly message: string;
}

/** Every reason why INV-2 refuses `rule`; empty when it admits it. */
export function pruneIssues(rule: PruneRule): PruneIssue[] {
  const issues: PruneIssue[] = [];
  if (!(rule.thresholdBpb >= minThresholdBpb)) {
    const message = `INV-2 refuses a prune threshold of ${rule.thresholdBpb} BPB: it could kill a trial that is still learning`;
    issues.push({ code: "prune.threshold-too-low", message });
  }
  if (!(rule.warmupSteps >= minWarmupSteps)) {
    const message = `INV-2 refuses a prune warm-up of ${rule.warmupSteps} steps: early losses say nothing about late ones`;
    issues.push({ code: "prune.warmup-too-short", message });
  }
  return issues;
}

/** Whether INV-2 kills. A value that is not finite is a failed trial, not a pruned one. */
export function isPruned(rule: PruneRule, valBpb: number, step: number): boolean {
  return Number.isFinite(valBpb) && valBpb > rule.thresholdBpb && step > rule.warmupSteps;
}
