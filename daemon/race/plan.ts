/** What the orchestrator needs to know about a race file; made by `planRace` from the parsed configuration. */
import type { GuardRules } from "../config/race-config.ts";
import type { GuardedRace } from "../invariants/preflight/guarded-race.ts";
import type { Point } from "../protocol/events.ts";
import type { GuardFinding } from "../protocol/guards.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import type { SearchRules } from "../search/rules.ts";

export interface PlannedTrial {
  readonly point: Point;
  readonly spec: TrialSpec;
  readonly specHash: string;
}

export interface RacePlan {
  readonly name: string;
  readonly configHash: string;
  readonly rules: SearchRules;
  /** Steps between two curve points. */
  readonly reportEvery: number;
  /** Wall seconds between two safety checkpoints. */
  readonly checkpointEverySec: number;
  /** Lanes of a group; null: as many as the backend likes. */
  readonly lanes: number | null;
  /** Trial number `index` of the race, from 0. A function of (race file, index) only. */
  readonly trial: (index: number) => PlannedTrial;
  /** Trials with equal keys can be lanes of one program. */
  readonly shapeKey: (spec: TrialSpec) => string;
  /** What the runtime checks of invariants look at, and how strictly; absent: nothing guards the race. */
  readonly guarded?: { readonly race: GuardedRace; readonly rules: GuardRules };
}

/**
 * What the invariants around a race file say about it; null where there are none.
 * @throws {IglaError} `race.bad-assertions`, `race.guarded`, `race.unproven`: the race may not start
 */
export type ReadGuards = (
  guarded: NonNullable<RacePlan["guarded"]>,
  racePath: string,
) => Promise<readonly GuardFinding[] | null>;

/**
 * Parses a race file.
 * @throws {IglaError} `race.bad-config` with the diagnostics as data
 */
export type Planner = (configText: string, path: string, budgetSteps: number | null) => RacePlan;
