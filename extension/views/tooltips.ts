/** Tooltips of the tree, made when a pointer rests on a row. */
import * as vscode from "vscode";
import { trialDecisions } from "../../daemon/protocol/requests.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { Connection } from "../connection/connection.ts";
import type { RaceModel } from "./race-model.ts";
import { raceText, rungText, type TrialDecisions, trialText } from "./tooltip-text.ts";

function markdown(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString(text, true);
}

export function raceTooltip(race: RaceState): vscode.MarkdownString {
  return markdown(raceText(race, vscode.l10n.t));
}

export function rungTooltip(model: RaceModel, rung: number): vscode.MarkdownString {
  return markdown(rungText(model, rung, vscode.l10n.t));
}

export async function trialTooltip(
  { race }: RaceModel,
  trialId: string,
  connection: Connection,
): Promise<vscode.MarkdownString | undefined> {
  const trial = race.trials[trialId];
  if (trial === undefined) return undefined;
  return markdown(trialText(race, trial, await factsOf(trialId, connection), vscode.l10n.t));
}

/** The tooltip does without them while the daemon is away. */
async function factsOf(trialId: string, connection: Connection): Promise<TrialDecisions | null> {
  if (connection.status.kind !== "connected") return null;
  return connection.request(trialDecisions, { trialId }).catch(() => null);
}
