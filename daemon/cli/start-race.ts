/** Starts a race, or takes up the unfinished one of the same file. */
import type { CorpusPin, RaceStatus } from "../protocol/events.ts";
import { listRaces, resumeRace, snapshotRace, startRace } from "../protocol/requests.ts";
import { boundCorpus, type RaceState } from "../protocol/state.ts";
import { planRace } from "../race/config-plan.ts";
import type { DaemonClient } from "../rpc/client.ts";
import type { RaceFile } from "./race-file.ts";

export interface StartedRace {
  readonly state: RaceState;
  /** False when an unfinished race of the same configuration goes on. */
  readonly isNew: boolean;
  /** Other races that train or wait before this one. */
  readonly before: readonly string[];
  /** An unfinished race of the same configuration that was begun on another text than the given one. */
  readonly onOtherText: string | null;
}

export interface StartOptions {
  readonly budgetSteps?: number | undefined;
  /** What was found and shown; absent: the trainer looks the corpus up. */
  readonly corpus?: CorpusPin;
}

const unfinished: readonly RaceStatus[] = ["queued", "running", "paused", "failed"];
const inLine: readonly RaceStatus[] = ["queued", "running"];

/** @throws {IglaError} `race.bad-config`, `race.bad-assertions`, `race.guarded`, `race.unproven`, `daemon.shutting-down` */
export async function startOrResume(
  client: DaemonClient,
  file: RaceFile,
  { budgetSteps, corpus }: StartOptions,
): Promise<StartedRace> {
  const { races } = await client.request(listRaces, {});
  const open = races.filter(({ status }) => unfinished.includes(status));
  const { configHash } = planRace(file.text, file.path, null);
  let onOtherText: string | null = null;
  for (const { raceId, path } of open.toReversed()) {
    if (path !== file.path) continue;
    const { state } = await client.request(snapshotRace, { raceId });
    // Another budget is another race: its decisions would have been others.
    if (state.configHash !== configHash || (budgetSteps !== undefined && state.budgetSteps !== budgetSteps)) continue;
    if (corpus !== undefined && boundCorpus(state) !== corpus.sha256) {
      if (boundCorpus(state) !== null) onOtherText ??= raceId;
      continue;
    }
    if (state.status === "queued" || state.status === "running")
      return { state, isNew: false, onOtherText, before: othersBefore(races, raceId) };
    await client.request(resumeRace, { raceId });
    const resumed = await client.request(snapshotRace, { raceId });
    return { state: resumed.state, isNew: false, onOtherText, before: othersBefore(races, raceId) };
  }
  const wish = { ...(budgetSteps === undefined ? {} : { budgetSteps }), ...(corpus === undefined ? {} : { corpus }) };
  const { raceId } = await client.request(startRace, { configText: file.text, path: file.path, ...wish });
  const { state } = await client.request(snapshotRace, { raceId });
  return { state, isNew: true, onOtherText, before: othersBefore(races, raceId) };
}

function othersBefore(races: readonly { raceId: string; status: RaceStatus }[], raceId: string): string[] {
  const position = races.findIndex((race) => race.raceId === raceId);
  const earlier = position === -1 ? races : races.slice(0, position);
  return earlier.filter(({ status }) => inLine.includes(status)).map((race) => race.raceId);
}
