/** What comes out of a trial: its canon name, a text of its model, its parameters as a file. */
import * as vscode from "vscode";
import type { TrialState } from "../../daemon/protocol/state.ts";
import type { SpawnOptions } from "../../daemon/spawn-daemon.ts";
import { notifyInfo } from "../notify.ts";
import type { Editor } from "./context.ts";
import { reportFailure } from "./failure.ts";
import { pickTrial, type Target } from "./pick.ts";
import { servedFolder } from "./race-files.ts";

const sampleBytes = 600;
const hasModel = ({ checkpoints }: TrialState): boolean => checkpoints.length > 0;

async function copyCanonName(editor: Editor, target: Target): Promise<void> {
  const picked = await pickTrial(editor.connection, target, () => true);
  if (picked === undefined) return;
  const { race, trial } = picked;
  await reportFailure(editor.log, async () => {
    const { trialDecisions } = await import("../../daemon/protocol/requests.ts");
    const { canonName } = await import("../views/canon-name.ts");
    const { spec } = await editor.connection.request(trialDecisions, { trialId: trial.trialId }, { start: true });
    const { number, seed } = trial;
    const [optimizer, levers] = [spec.optimizer.name, Object.keys(spec.levers)];
    const name = canonName({ raceName: race.name, number, seed, optimizer, levers });
    await vscode.env.clipboard.writeText(name);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Copied {0}", name), 5000);
  });
}

/** Runs the command line with a progress note that can be cancelled. Undefined: cancelled. */
async function withCli<T>(title: string, args: readonly string[], spawn: SpawnOptions): Promise<T | undefined> {
  const folder = servedFolder();
  if (folder === undefined) return undefined;
  const { runCli } = await import("./run-cli.ts");
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (_progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const cwd = folder.uri.fsPath;
    try {
      return await runCli<T>([...args, "--workspace", cwd], cwd, spawn, abort.signal);
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    }
  });
}

async function sampleText(editor: Editor, spawn: () => SpawnOptions, target: Target): Promise<void> {
  const picked = await pickTrial(editor.connection, target, hasModel);
  if (picked === undefined) return;
  const { trialId } = picked.trial;
  await reportFailure(editor.log, async () => {
    const title = vscode.l10n.t("Text from {0}", trialId);
    // On the CPU: it is there on every machine, and the GPU may be training.
    const args = ["sample", trialId, "--bytes", String(sampleBytes), "--backend", "cpu"];
    const sample = await withCli<{ text: string }>(title, args, spawn());
    if (sample === undefined) return;
    const document = await vscode.workspace.openTextDocument({ content: sample.text, language: "plaintext" });
    await vscode.window.showTextDocument(document, { preview: false });
  });
}

async function exportTrial(editor: Editor, spawn: () => SpawnOptions, target: Target): Promise<void> {
  const picked = await pickTrial(editor.connection, target, hasModel);
  const folder = servedFolder();
  if (picked === undefined || folder === undefined) return;
  const { trialId } = picked.trial;
  const { t } = vscode.l10n;
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder.uri, `${trialId}.safetensors`),
    filters: { Safetensors: ["safetensors"] },
    title: t("Export the model of {0}", trialId),
  });
  if (file === undefined) return;
  await reportFailure(editor.log, async () => {
    const title = t("Exporting {0}", trialId);
    const done = await withCli<{ tensors: number }>(title, ["export", trialId, "--out", file.fsPath], spawn());
    if (done === undefined) return;
    const reveal = () => vscode.commands.executeCommand("revealFileInOS", file);
    notifyInfo(t("{0}: {1} tensors exported", trialId, done.tensors), { title: t("Show file"), run: reveal });
  });
}

/** @param spawn how processes of Igla are started; asked each time, because settings change */
export function registerTrialOutput(editor: Editor, spawn: () => SpawnOptions): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("igla.copyCanonName", (target: Target) => copyCanonName(editor, target)),
    vscode.commands.registerCommand("igla.sampleText", (target: Target) => sampleText(editor, spawn, target)),
    vscode.commands.registerCommand("igla.exportTrial", (target: Target) => exportTrial(editor, spawn, target)),
  );
}
