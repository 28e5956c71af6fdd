/** Where the weights of a trial lie, and what is needed to read them. */
import { join } from "node:path";
import { IglaError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/request.ts";
import type { trialCheckpoint } from "../protocol/requests.ts";
import { readTrial } from "./queries.ts";
import type { Store } from "./store.ts";

export type TrialCheckpoint = ResultOf<typeof trialCheckpoint>;

/** @param folder of the checkpoint files. @throws {IglaError} `trial.not-found`, `checkpoint.missing` */
export async function newestCheckpoint(store: Store, trialId: string, folder: string): Promise<TrialCheckpoint> {
  const race = store.raceOf(trialId);
  const checkpoint = race.trials[trialId]?.checkpoints.at(-1);
  if (checkpoint === undefined) throw new IglaError("checkpoint.missing", trialId);
  const { raceId, spec, specHash } = await readTrial(store.db, trialId);
  const path = join(folder, checkpoint.file);
  return { trialId, raceId, spec, specHash, checkpoint, path, configPath: race.path, corpus: race.corpus };
}
