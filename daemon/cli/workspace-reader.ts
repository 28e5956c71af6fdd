/**
 * What a workspace holds, for commands that only look. Asks the daemon when one runs; otherwise reads the database,
 * because starting a daemon would let unfinished races go on.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { IglaError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/request.ts";
import { leaderboard, listRaces, snapshotRace, trialCheckpoint, trialCurve } from "../protocol/requests.ts";
import type { RaceState } from "../protocol/state.ts";
import type { DaemonClient } from "../rpc/client.ts";
import { stateFolder } from "../rpc/daemon-file.ts";
import { readCurve } from "../store/curves.ts";
import { storeError } from "../store/failure.ts";
import { newestCheckpoint, type TrialCheckpoint } from "../store/newest-checkpoint.ts";
import { readLeaderboard } from "../store/queries.ts";
import { openReadOnly } from "../store/read-only.ts";
import { Store } from "../store/store.ts";
import { connectIfRunning } from "./daemon-link.ts";
import { atRest, statusAtRest } from "./render/race-status.ts";

export type LeaderboardRow = ResultOf<typeof leaderboard>["rows"][number];
export type CurvePage = ResultOf<typeof trialCurve>;

export interface WorkspaceReader {
  /** The connection, where a daemon answers. */
  readonly client: DaemonClient | null;
  /** `unknown`: the workspace is another user's, and so is the file that would tell. */
  readonly daemon: "running" | "none" | "unknown";
  /** In order of creation. */
  races(): Promise<RaceState[]>;
  /** Best first. @throws {IglaError} `race.not-found` */
  leaderboard(raceId: string | undefined, limit: number): Promise<LeaderboardRow[]>;
  /** Newest checkpoint of a trial. @throws {IglaError} `trial.not-found`, `checkpoint.missing` */
  checkpoint(trialId: string): Promise<TrialCheckpoint>;
  /** A page of points after `afterStep`. @throws {IglaError} `trial.not-found` */
  curve(trialId: string, afterStep: number, limit: number): Promise<CurvePage>;
  close(): Promise<void>;
}

export async function openReader(workspace: string): Promise<WorkspaceReader> {
  const client = await connectIfMine(workspace);
  if (client !== null && client !== "another user's") return daemonReader(client);
  const folder = join(workspace, stateFolder);
  const file = join(folder, "igla.db");
  if (!(await exists(file))) return emptyReader;
  return databaseReader(folder, file, client === null ? "none" : "unknown");
}

/** A daemon's file is readable by its owner only. */
async function connectIfMine(workspace: string): Promise<DaemonClient | "another user's" | null> {
  try {
    return await connectIfRunning(workspace);
  } catch (error) {
    const reason = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
    if (reason === "EACCES" || reason === "EPERM") return "another user's";
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    if (code === "EACCES" || code === "EPERM") throw new IglaError("store.unreadable", file, null, { cause: error });
    throw storeError(error, file);
  }
}

function daemonReader(client: DaemonClient): WorkspaceReader {
  return {
    client,
    daemon: "running",
    races: async () => {
      const { races } = await client.request(listRaces, {});
      return Promise.all(races.map(async ({ raceId }) => (await client.request(snapshotRace, { raceId })).state));
    },
    leaderboard: async (raceId, limit) => {
      return (await client.request(leaderboard, raceId === undefined ? { limit } : { raceId, limit })).rows;
    },
    checkpoint: (trialId) => client.request(trialCheckpoint, { trialId }),
    curve: (trialId, afterStep, limit) => client.request(trialCurve, { trialId, afterStep, limit }),
    close: () => client.close(),
  };
}

async function databaseReader(folder: string, file: string, daemon: "none" | "unknown"): Promise<WorkspaceReader> {
  const store = await Store.open(openReadOnly(file), file, Date.now);
  return {
    client: null,
    daemon,
    races: async () => {
      const states = store.raceIds.map((id) => store.state(id));
      return daemon === "none" ? states.map(atRest) : states;
    },
    leaderboard: async (raceId, limit) => {
      if (raceId !== undefined) store.state(raceId);
      const rows = await readLeaderboard(store.db, raceId, limit);
      return daemon === "none" ? rows.map((row) => ({ ...row, status: statusAtRest(row.status) })) : rows;
    },
    checkpoint: (trialId) => newestCheckpoint(store, trialId, join(folder, "checkpoints")),
    curve: async (trialId, afterStep, limit) => {
      store.raceOf(trialId);
      return readCurve(store.db, trialId, afterStep, limit);
    },
    close: () => store.close(),
  };
}

/** A workspace in which no race has been started. */
const emptyReader: WorkspaceReader = {
  client: null,
  daemon: "none",
  races: async () => [],
  leaderboard: async (raceId) => {
    if (raceId !== undefined) throw new IglaError("race.not-found", raceId);
    return [];
  },
  checkpoint: async (trialId) => {
    throw new IglaError("trial.not-found", trialId);
  },
  curve: async (trialId) => {
    throw new IglaError("trial.not-found", trialId);
  },
  close: async () => undefined,
};
