/** What the orchestrator needs to know about a race file; made by `planRace` from the parsed configuration. */
import type { Point } from "../protocol/events.ts";
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
}

/**
 * Parses a race file.
 * @throws {IglaError} `race.bad-config` with the diagnostics as data
 */
export type Planner = (configText: string, path: string, budgetSteps: number | null) => RacePlan;
