/**
 * What the daemon and its trainer child process say to each other (Node IPC, JSON). The trainer writes
 * checkpoints itself; only their references travel.
 *
 * The trainer is started as `trainer.js --checkpoints DIR --backend NAME` (`auto`, `cpu`, `webgpu` or
 * `webgpu:ADAPTER`), says `ready` or exits with a reason on stderr, and ends when the channel closes.
 */
import type { BackendInfo } from "../engine/backend.ts";
import type { CheckpointRef, CorpusTag, EvalResult } from "../protocol/artifacts.ts";
import type { CorpusPin } from "../protocol/events.ts";
import type { TrialSpec } from "../protocol/trial.ts";

/** One lane's work order: train `trialId` up to `toStep`, evaluate there, write a checkpoint. */
export interface LaneJob {
  readonly trialId: string;
  readonly spec: TrialSpec;
  readonly from: CheckpointRef | null;
  readonly toStep: number;
}

export type TrainerCommand =
  | {
      readonly kind: "run-group";
      readonly groupId: string;
      /** Folder of the race file: corpus paths are relative to it. */
      readonly raceFolder: string;
      /** The file to read and its content, as the race's client found it; null: look it up. */
      readonly corpus: CorpusPin | null;
      /** Jobs with equal `shapeKey(spec)`; at most the backend's lanes. */
      readonly jobs: readonly LaneJob[];
      /** Steps between two curve points; chunks and checkpoints fall on its multiples (or on `toStep`). */
      readonly reportEvery: number;
      /** Wall seconds between two safety checkpoints of a running group. */
      readonly checkpointEverySec: number;
    }
  /** Leave the group at the next chunk border: checkpoint, then `lane-paused`. */
  | { readonly kind: "pause-lanes"; readonly groupId: string; readonly trialIds: readonly string[] }
  | { readonly kind: "shutdown" };

export interface CurvePoint {
  readonly step: number;
  /** Mean training loss over the steps since the previous point, nats per byte. */
  readonly lossNats: number;
  readonly gradNorm: number;
}

export type TrainerEvent =
  | { readonly kind: "ready"; readonly backend: BackendInfo; readonly preferredLanes: number }
  | {
      readonly kind: "group-started";
      readonly groupId: string;
      readonly parameters: number;
      readonly bytesOnDevice: number;
      readonly corpus: CorpusTag;
    }
  | {
      readonly kind: "progress";
      readonly groupId: string;
      readonly points: readonly { readonly trialId: string; readonly point: CurvePoint }[];
      readonly tokensPerSec: number;
      readonly stepsPerSec: number;
    }
  /** Something got done that gives no other event yet; sent now and then. */
  | { readonly kind: "alive"; readonly groupId: string }
  /** A safety checkpoint on the way. */
  | { readonly kind: "checkpoint"; readonly trialId: string; readonly checkpoint: CheckpointRef }
  | {
      readonly kind: "lane-finished";
      readonly groupId: string;
      readonly trialId: string;
      readonly checkpoint: CheckpointRef;
      readonly evaluation: EvalResult;
    }
  | {
      readonly kind: "lane-paused";
      readonly groupId: string;
      readonly trialId: string;
      readonly checkpoint: CheckpointRef;
    }
  /** The loss is not finite: a state of the trial, not an error. */
  | { readonly kind: "lane-diverged"; readonly groupId: string; readonly trialId: string; readonly step: number }
  /** After every lane of the group has finished, paused or diverged. */
  | { readonly kind: "group-done"; readonly groupId: string }
  /** The group could not run or continue. `retry`: infrastructure (device lost, disk full), else the spec's fault. */
  | {
      readonly kind: "group-failed";
      readonly groupId: string;
      /** The trial at fault, where one is: its checkpoint cannot be read, say. */
      readonly trialId?: string;
      readonly code: string;
      readonly message: string;
      readonly retry: boolean;
    };
