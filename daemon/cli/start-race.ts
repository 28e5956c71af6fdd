/** Starts a race, or takes up the unfinished one of the same file. */
import type { RaceStatus } from "../protocol/events.ts";
import { listRaces, resumeRace, snapshotRace, startRace } from "../protocol/requests.ts";
import type { RaceState } from "../protocol/state.ts";
import { planRace } from "../race/config-plan.ts";
import type { DaemonClient } from "../rpc/client.ts";
import type { RaceFile } from "./race-file.ts";

export interface StartedRace {
  readonly state: RaceState;
  /** False when an unfinished race of the same configuration goes on. */
  readonly isNew: boolean;
  /** Other races that train or wait before this one. */
  readonly before: readonly string[];
}

const unfinished: readonly RaceStatus[] = ["queued", "running", "paused", "failed"];
const inLine: readonly RaceStatus[] = ["queued", "running"];

/** @throws {IglaError} `race.bad-config`, `daemon.shutting-down` */
export async function startOrResume(client: DaemonClient, file: RaceFile, budgetSteps?: number): Promise<StartedRace> {
  const { races } = await client.request(listRaces, {});
  const open = races.filter(({ status }) => unfinished.includes(status));
  const { configHash } = planRace(file.text, file.path, null);
  for (const { raceId, path } of open.toReversed()) {
    if (path !== file.path) continue;
    const { state } = await client.request(snapshotRace, { raceId });
    // Another budget is another race: its decisions would have been others.
    if (state.configHash !== configHash || (budgetSteps !== undefined && state.budgetSteps !== budgetSteps)) continue;
    if (state.status === "queued" || state.status === "running")
      return { state, isNew: false, before: othersBefore(races, raceId) };
    await client.request(resumeRace, { raceId });
    const resumed = await client.request(snapshotRace, { raceId });
    return { state: resumed.state, isNew: false, before: othersBefore(races, raceId) };
  }
  const budget = budgetSteps === undefined ? {} : { budgetSteps };
  const { raceId } = await client.request(startRace, { configText: file.text, path: file.path, ...budget });
  const { state } = await client.request(snapshotRace, { raceId });
  return { state, isNew: true, before: othersBefore(races, raceId) };
}

function othersBefore(races: readonly { raceId: string; status: RaceStatus }[], raceId: string): string[] {
  const position = races.findIndex((race) => race.raceId === raceId);
  const earlier = position === -1 ? races : races.slice(0, position);
  return earlier.filter(({ status }) => inLine.includes(status)).map((race) => race.raceId);
}
