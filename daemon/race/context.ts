import type { CheckpointFiles } from "../store/checkpoint-files.ts";
import type { Store } from "../store/store.ts";
import type { TrainerSupervisor } from "./supervisor.ts";

/** What every race of a workspace shares. */
export interface RunnerContext {
  readonly store: Store;
  readonly files: CheckpointFiles;
  readonly supervisor: TrainerSupervisor;
}
