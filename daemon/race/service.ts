/** The protocol's requests about races and trials, answered from manager and store. */
import { resolve } from "node:path";
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { type BoundRequest, bindRequest, type ParamsOf } from "../protocol/request.ts";
import {
  leaderboard,
  listRaces,
  maxPlotPoints,
  pauseRace,
  pauseTrial,
  resumeRace,
  resumeTrial,
  snapshotRace,
  startRace,
  stopRace,
  stopTrial,
  trialCheckpoint,
  trialCurve,
  trialCurves,
  trialDecisions,
} from "../protocol/requests.ts";
import type { RaceState, TrialState } from "../protocol/state.ts";
import type { CheckpointFiles } from "../store/checkpoint-files.ts";
import { readCurve } from "../store/curves.ts";
import { readDecisions } from "../store/events.ts";
import { newestCheckpoint } from "../store/newest-checkpoint.ts";
import { type PlotCurve, readPlotCurve } from "../store/plot-curves.ts";
import { readLeaderboard, readTrial } from "../store/queries.ts";
import type { Store } from "../store/store.ts";
import type { RaceManager } from "./manager.ts";

/** @param workspace folder that a relative path of a race file starts from */
export function raceService(
  workspace: string,
  manager: RaceManager,
  store: Store,
  files: CheckpointFiles,
): readonly BoundRequest[] {
  const raceStatus = ({ raceId, status, seq }: RaceState) => ({ raceId, status, seq });
  const trialStatus = ({ trialId, status }: TrialState) => ({ trialId, status, seq: store.raceOf(trialId).seq });
  return [
    bindRequest(startRace, async ({ configText, path, budgetSteps = null, takeUp, corpus: found }) => {
      const place = resolve(workspace, path);
      const corpus = found === undefined ? null : { ...found, path: resolve(workspace, found.path) };
      const known = takeUp ? await manager.takeUp(configText, place, budgetSteps, corpus) : null;
      const { raceId, seq } = known ?? (await manager.start(configText, place, budgetSteps, corpus));
      return { raceId, seq, isNew: known === null };
    }),
    bindRequest(listRaces, async () => ({ races: store.raceIds.map((id) => summary(store.state(id))) })),
    bindRequest(snapshotRace, async ({ raceId }) => ({ state: store.state(raceId) })),
    bindRequest(pauseRace, async ({ raceId }) => raceStatus(await manager.pause(raceId))),
    bindRequest(resumeRace, async ({ raceId }) => raceStatus(await manager.resume(raceId))),
    bindRequest(stopRace, async ({ raceId }) => raceStatus(await manager.stop(raceId))),
    bindRequest(pauseTrial, async ({ trialId }) => trialStatus(await manager.order(trialId, "pause"))),
    bindRequest(resumeTrial, async ({ trialId }) => trialStatus(await manager.order(trialId, "resume"))),
    bindRequest(stopTrial, async ({ trialId }) => trialStatus(await manager.order(trialId, "stop"))),
    bindRequest(trialCurve, async ({ trialId, afterStep, limit }) => {
      store.raceOf(trialId);
      return readCurve(store.db, trialId, afterStep, limit);
    }),
    bindRequest(trialDecisions, async ({ trialId }) => {
      const { raceId, spec } = await readTrial(store.db, trialId);
      return { spec, decisions: await readDecisions(store.db, raceId, trialId) };
    }),
    bindRequest(trialCurves, async (params) => ({ curves: await plotCurves(params, store) })),
    bindRequest(trialCheckpoint, async ({ trialId }) => newestCheckpoint(store, trialId, files.folder)),
    bindRequest(leaderboard, async ({ raceId, limit }) => {
      if (raceId !== undefined) store.state(raceId);
      return { rows: await readLeaderboard(store.db, raceId, limit) };
    }),
  ];
}

function summary({ raceId, name, path, status, reason, createdAt, trials, trainedSteps, best }: RaceState) {
  return { raceId, name, path, status, reason, createdAt, trials: Object.keys(trials).length, trainedSteps, best };
}

async function plotCurves({ trialIds, ...options }: ParamsOf<typeof trialCurves>, store: Store): Promise<PlotCurve[]> {
  for (const trialId of trialIds) store.raceOf(trialId);
  const maxPoints = Math.min(options.maxPoints, Math.floor(maxPlotPoints / trialIds.length));
  const curves: PlotCurve[] = [];
  for (const trialId of trialIds) {
    curves.push(await readPlotCurve(store.db, trialId, { ...options, maxPoints }));
    // Reading is synchronous: between two curves the daemon serves everyone else.
    await yieldToOthers();
  }
  return curves;
}
