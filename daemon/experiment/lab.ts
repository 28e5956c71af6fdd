/** Where an experiment has its trials trained: the daemon's races, or a backend in this process. */
import type { TrialSpec } from "../protocol/trial.ts";

export interface TrainedTrial {
  readonly spec: TrialSpec;
  /** Whole or not finite; all else spoils the experiment. */
  readonly end: "finished" | "diverged" | "failed" | "interrupted";
  /** Why it failed or was interrupted: a code and words; empty otherwise. */
  readonly code: string;
  readonly message: string;
  /** Null unless finished. */
  readonly valBpb: number | null;
  /** Training losses in order of steps, nats per byte; null where one is not finite. */
  readonly losses: readonly (number | null)[];
  /** Wall seconds of training, its share where lanes trained together; null: not known. */
  readonly seconds: number | null;
  /** Values of its parameters by name. @throws {Error} the checkpoint is gone */
  readonly weights: () => Promise<ReadonlyMap<string, Float32Array>>;
}

export interface TrainedRace {
  readonly raceId: string;
  /** SHA-256 of the corpus that was read. */
  readonly corpusSha256: string | null;
  /** Engines and devices that trained it, in words; more than one when it went on elsewhere. */
  readonly devices: readonly string[];
  /** Results that came out differently when they were computed again. */
  readonly replayMismatches: number;
  readonly trials: readonly TrainedTrial[];
}

export interface TrainRequest {
  /** A race file; see `raceText`. Its name is that of no other experiment's race. */
  readonly text: string;
  /** Races that ended before are not this experiment's. Milliseconds since 1970. */
  readonly since: number;
  readonly onStart: (raceId: string) => void;
  /** Steps of this race that are done. */
  readonly onProgress: (steps: number) => void;
  readonly signal: AbortSignal;
}

export interface Lab {
  /** @throws {IglaError} the race was refused or has failed; {Stopped} the signal or a user has ended it */
  readonly train: (request: TrainRequest) => Promise<TrainedRace>;
}

/** The experiment was stopped before its verdict. */
export class Stopped extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = "Stopped";
  }
}
