/** Which race or trial a command means: the row it was called on, else the only one, else a question. */
import * as vscode from "vscode";
import type { RaceState, TrialState } from "../../daemon/protocol/state.ts";
import type { Connection } from "../connection/connection.ts";
import {
  buildRaceModel,
  lastValBpb,
  type RaceModel,
  type RaceNode,
  raceStatusText,
  trialRow,
} from "../views/race-model.ts";

/** What menus, links and other features pass to a command. */
export type Target = RaceNode | string | undefined;

export async function pickRace(
  connection: Connection,
  target: Target,
  fits: (race: RaceState) => boolean,
): Promise<RaceState | undefined> {
  const raceId = typeof target === "string" ? target : target?.raceId;
  if (raceId !== undefined) return connection.races.get(raceId);
  const races = [...connection.races.values()].filter(fits).sort((a, b) => b.createdAt - a.createdAt);
  if (races.length <= 1) return races[0];
  const { t } = vscode.l10n;
  const items = races.map((race) => ({ label: race.name, description: raceStatusText(race.status, t), race }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t("Which race?") }))?.race;
}

export interface PickedTrial {
  readonly race: RaceState;
  readonly trial: TrialState;
}

export async function pickTrial(
  connection: Connection,
  target: Target,
  fits: (trial: TrialState, race: RaceState) => boolean,
): Promise<PickedTrial | undefined> {
  const trialId = typeof target === "string" ? target : target?.kind === "trial" ? target.trialId : undefined;
  const all = [...connection.races.values()]
    .sort((a, b) => b.createdAt - a.createdAt)
    .flatMap((race) => Object.values(race.trials).map((trial) => ({ race, trial })));
  if (trialId !== undefined) return all.find(({ trial }) => trial.trialId === trialId);
  const fitting = all.filter(({ trial, race }) => fits(trial, race));
  fitting.sort((a, b) => value(a.trial) - value(b.trial));
  const { t } = vscode.l10n;
  const models = new Map<string, RaceModel>();
  const items = fitting.map((found) => {
    const { race, trial } = found;
    const model = models.get(race.raceId) ?? buildRaceModel(race, new Set());
    models.set(race.raceId, model);
    const { label, description } = trialRow(model, trial, false, t);
    return { label: `${race.name} ${label}`, description, found };
  });
  return (await vscode.window.showQuickPick(items, { placeHolder: t("Which trial?") }))?.found;
}

function value(trial: TrialState): number {
  return lastValBpb(trial) ?? Number.MAX_VALUE;
}
