/** `Create a race folder`: a race file, claims and their proofs, written by the command line that comes with the extension. */
import { isAbsolute, join, relative } from "node:path";
import * as vscode from "vscode";
import type { SpawnOptions } from "../../daemon/spawn-daemon.ts";
import { servedFolder } from "../features/race-files.ts";
import { runCli } from "../features/run-cli.ts";
import { notifyInfo } from "../notify.ts";

/** @throws {Error} files of these names are in the way, or the folder cannot be written to */
export async function createRaceFolder(spawn: SpawnOptions): Promise<void> {
  const folder = await pickFolder();
  if (folder === undefined) return;
  const { signal } = new AbortController();
  const title = vscode.l10n.t("Writing a race folder");
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    runCli(["init", folder], folder, spawn, signal),
  );
  const open = (path: string) =>
    vscode.window.showTextDocument(vscode.Uri.file(join(folder, path)), { preview: false });
  await open("race.igla.toml");
  await open("assertions/igla_assertions.json");
  if (isInWorkspace(folder)) return;
  notifyInfo(vscode.l10n.t("Claims are checked once the folder is open."), {
    title: vscode.l10n.t("Open folder"),
    run: () => vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(folder)),
  });
}

async function pickFolder(): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const here = servedFolder()?.uri.fsPath;
  if (here !== undefined) {
    const inHere = { label: `$(folder) ${t("This folder")}`, description: here };
    const another = { label: `$(folder-opened) ${t("Another folder...")}`, description: "" };
    const chosen = await vscode.window.showQuickPick([inHere, another], {
      title: t("Create a race folder"),
      placeHolder: t("Where should race file, claims and proofs be written?"),
    });
    if (chosen === undefined) return undefined;
    if (chosen === inHere) return here;
  }
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: t("Create here"),
  });
  return picked?.[0]?.fsPath;
}

function isInWorkspace(folder: string): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => {
    const inside = relative(uri.fsPath, folder);
    return !inside.startsWith("..") && !isAbsolute(inside);
  });
}
