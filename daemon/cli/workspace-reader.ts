/**
 * What a workspace holds, for commands that only look. Asks the daemon when one runs; otherwise reads the database,
 * because starting a daemon would let unfinished races go on.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { IglaError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/request.ts";
import { leaderboard, listRaces, snapshotRace, trialCheckpoint } from "../protocol/requests.ts";
import type { RaceState } from "../protocol/state.ts";
import type { DaemonClient } from "../rpc/client.ts";
import { stateFolder } from "../rpc/daemon-file.ts";
import { openDatabase } from "../store/database.ts";
import { readLeaderboard, readTrial } from "../store/queries.ts";
import { Store } from "../store/store.ts";
import { connectIfRunning } from "./daemon-link.ts";

export type LeaderboardRow = ResultOf<typeof leaderboard>["rows"][number];
export type TrialCheckpoint = ResultOf<typeof trialCheckpoint>;

export interface WorkspaceReader {
  /** The connection, where a daemon answers. */
  readonly client: DaemonClient | null;
  /** In order of creation. */
  races(): Promise<RaceState[]>;
  /** Best first. @throws {IglaError} `race.not-found` */
  leaderboard(raceId: string | undefined, limit: number): Promise<LeaderboardRow[]>;
  /** Newest checkpoint of a trial. @throws {IglaError} `trial.not-found`, `checkpoint.missing` */
  checkpoint(trialId: string): Promise<TrialCheckpoint>;
  close(): Promise<void>;
}

export async function openReader(workspace: string): Promise<WorkspaceReader> {
  const client = await connectIfRunning(workspace);
  if (client !== null) return daemonReader(client);
  const folder = join(workspace, stateFolder);
  const file = join(folder, "igla.db");
  if ((await stat(file).catch(() => null)) === null) return emptyReader;
  return databaseReader(folder, file);
}

function daemonReader(client: DaemonClient): WorkspaceReader {
  return {
    client,
    races: async () => {
      const { races } = await client.request(listRaces, {});
      return Promise.all(races.map(async ({ raceId }) => (await client.request(snapshotRace, { raceId })).state));
    },
    leaderboard: async (raceId, limit) => {
      return (await client.request(leaderboard, raceId === undefined ? { limit } : { raceId, limit })).rows;
    },
    checkpoint: (trialId) => client.request(trialCheckpoint, { trialId }),
    close: () => client.close(),
  };
}

async function databaseReader(folder: string, file: string): Promise<WorkspaceReader> {
  const store = await Store.open(openDatabase(file), file, Date.now);
  return {
    client: null,
    races: async () => store.raceIds.map((id) => store.state(id)),
    leaderboard: async (raceId, limit) => {
      if (raceId !== undefined) store.state(raceId);
      return readLeaderboard(store.db, raceId, limit);
    },
    checkpoint: async (trialId) => {
      const race = store.raceOf(trialId);
      const checkpoint = race.trials[trialId]?.checkpoints.at(-1);
      if (checkpoint === undefined) throw new IglaError("checkpoint.missing", trialId);
      const { raceId, spec, specHash } = await readTrial(store.db, trialId);
      const path = join(folder, "checkpoints", checkpoint.file);
      return { trialId, raceId, spec, specHash, checkpoint, path, configPath: race.path, corpus: race.corpus };
    },
    close: () => store.close(),
  };
}

/** A workspace in which no race has been started. */
const emptyReader: WorkspaceReader = {
  client: null,
  races: async () => [],
  leaderboard: async (raceId) => {
    if (raceId !== undefined) throw new IglaError("race.not-found", raceId);
    return [];
  },
  checkpoint: async (trialId) => {
    throw new IglaError("trial.not-found", trialId);
  },
  close: async () => undefined,
};
