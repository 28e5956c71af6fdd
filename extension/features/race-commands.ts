/** Commands about races and single trials, from the palette, the tree and links alike. */
import * as vscode from "vscode";
import type { RequestDefinition } from "../../daemon/protocol/request.ts";
import type { RaceState, TrialState } from "../../daemon/protocol/state.ts";
import { confirm } from "../notify.ts";
import { isTrialOver } from "../views/race-model.ts";
import type { Editor } from "./context.ts";
import { reportFailure } from "./failure.ts";
import { pickRace, pickTrial, type Target } from "./pick.ts";

type Requests = typeof import("../../daemon/protocol/requests.ts");

const isOver = ({ status }: RaceState): boolean => status === "finished" || status === "stopped";

async function orderRace(editor: Editor, target: Target, order: "pause" | "resume" | "stop"): Promise<void> {
  const rests = ({ status }: RaceState) => status === "paused" || status === "failed";
  const fits = (race: RaceState) => !isOver(race) && (order === "stop" || rests(race) === (order === "resume"));
  const race = await pickRace(editor.connection, target, fits);
  if (race === undefined || (order === "stop" && !(await confirmStop(race.name)))) return;
  await reportFailure(editor.log, async () => {
    const { pauseRace, resumeRace, stopRace } = await protocol();
    const request = { pause: pauseRace, resume: resumeRace, stop: stopRace }[order];
    await editor.connection.request(request as RequestDefinition, { raceId: race.raceId }, { start: true });
  });
}

async function orderTrial(editor: Editor, target: Target, order: "pause" | "resume" | "stop"): Promise<void> {
  const fits = (trial: TrialState, race: RaceState) =>
    !isOver(race) && !isTrialOver(trial.status) && (order === "stop" || trial.held === (order === "resume"));
  const picked = await pickTrial(editor.connection, target, fits);
  if (picked === undefined) return;
  const { trialId } = picked.trial;
  if (order === "stop" && !(await confirmStop(trialId))) return;
  await reportFailure(editor.log, async () => {
    const { pauseTrial, resumeTrial, stopTrial } = await protocol();
    const request = { pause: pauseTrial, resume: resumeTrial, stop: stopTrial }[order];
    await editor.connection.request(request as RequestDefinition, { trialId }, { start: true });
  });
}

function protocol(): Promise<Requests> {
  return import("../../daemon/protocol/requests.ts");
}

function confirmStop(name: string): Promise<boolean> {
  const { t } = vscode.l10n;
  return confirm(t("Stop {0} for good?", name), t("Its results stay. It cannot be resumed."), t("Stop"));
}

async function openConfig(editor: Editor, target: Target): Promise<void> {
  const race = await pickRace(editor.connection, target, () => true);
  if (race === undefined) return;
  await reportFailure(editor.log, async () => vscode.window.showTextDocument(vscode.Uri.file(race.path)));
}

async function pin(editor: Editor, target: Target, isPinned: boolean): Promise<void> {
  const { pinned } = editor.plotted;
  const picked = await pickTrial(editor.connection, target, ({ trialId }) => pinned.has(trialId) !== isPinned);
  if (picked !== undefined) await editor.plotted.pin(picked.trial.trialId, isPinned);
}

async function revealTrial(editor: Editor, target: Target): Promise<void> {
  const picked = await pickTrial(editor.connection, target, () => true);
  if (picked === undefined) return;
  const { trialId, raceId } = { trialId: picked.trial.trialId, raceId: picked.race.raceId };
  await editor.races.reveal(editor.tree.trialNode(raceId, trialId), { select: true, focus: true });
}

export function registerRaceCommands(editor: Editor): vscode.Disposable {
  const on = (id: string, run: (target: Target) => Promise<void>) => vscode.commands.registerCommand(id, run);
  return vscode.Disposable.from(
    on("igla.pauseRace", (target) => orderRace(editor, target, "pause")),
    on("igla.resumeRace", (target) => orderRace(editor, target, "resume")),
    on("igla.stopRace", (target) => orderRace(editor, target, "stop")),
    on("igla.pauseTrial", (target) => orderTrial(editor, target, "pause")),
    on("igla.resumeTrial", (target) => orderTrial(editor, target, "resume")),
    on("igla.stopTrial", (target) => orderTrial(editor, target, "stop")),
    on("igla.pinTrial", (target) => pin(editor, target, true)),
    on("igla.unpinTrial", (target) => pin(editor, target, false)),
    on("igla.openConfig", (target) => openConfig(editor, target)),
    on("igla.revealTrial", (target) => revealTrial(editor, target)),
    vscode.commands.registerCommand("igla.showMore", (node) => editor.tree.showMore(node)),
  );
}
