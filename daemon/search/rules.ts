import type { Ladder } from "./ladder.ts";
import type { PruneRule } from "./prune.ts";

/** What a race decides by: the scheduler and the replay take the same rules. */
export interface SearchRules {
  readonly ladder: Ladder;
  /** Configurations times seeds that may be started. */
  readonly maxTrials: number;
  /** Training steps that may be handed out over the whole race; null: no limit. */
  readonly budgetSteps: number | null;
  readonly prune: PruneRule;
}
