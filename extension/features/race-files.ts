/** Race files of the workspace: finding, reading, writing, starting them. */
import { basename, dirname, relative } from "node:path";
import * as vscode from "vscode";
import type { DaemonConnection } from "../connection/daemon-connection.ts";

const pattern = "**/*.igla.toml";
const ignored = "**/{node_modules,.git,.igla}/**";
const findLimit = 200;

export async function findRaceFiles(): Promise<vscode.Uri[]> {
  const found = await vscode.workspace.findFiles(pattern, ignored, findLimit);
  return found.sort((a, b) => (a.fsPath < b.fsPath ? -1 : 1));
}

/** The folder whose daemon serves this window; undefined where no folder on this machine is open. */
export function servedFolder(): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file");
}

/** Text as it stands in the editor; what is unsaved is saved first, so that file and race agree. */
export async function savedText(uri: vscode.Uri): Promise<string> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isDirty) await document.save();
  return document.getText();
}

/**
 * Starts the race of a file, or goes on with the unfinished one of the same meaning.
 * @throws {IglaError} what the daemon answers
 */
export async function startRaceFile(connection: DaemonConnection, uri: vscode.Uri): Promise<string> {
  const configText = await savedText(uri);
  const { startRace } = await import("../../daemon/protocol/requests.ts");
  const ask = () => connection.request(startRace, { configText, path: uri.fsPath, takeUp: true }, { start: true });
  try {
    const { raceId } = await vscode.window.withProgress({ location: { viewId: "igla.races" } }, ask);
    return raceId;
  } catch (error) {
    const { IglaError } = await import("../../daemon/protocol/errors.ts");
    // The language server marks the key that breaks an invariant: there the reader can mend it.
    if (error instanceof IglaError && error.code === "race.guarded") await vscode.window.showTextDocument(uri);
    throw error;
  }
}

/**
 * Writes a starter file for a text into the served folder, under a name that is free.
 * @param corpus name in the catalogue, or the text's file
 * @throws {IglaError} when no daemon can be started
 */
export async function writeStarterFile(
  connection: DaemonConnection,
  folder: vscode.Uri,
  corpus: string | vscode.Uri,
): Promise<vscode.Uri> {
  const { starterRace } = await import("../../daemon/protocol/requests.ts");
  const path = await freePath(folder);
  const name = typeof corpus === "string" ? corpus : relativeTo(path, corpus);
  const ask = () => connection.request(starterRace, { corpus: name }, { start: true });
  const { configText } = await vscode.window.withProgress({ location: { viewId: "igla.races" } }, ask);
  const text = configText.replaceAll("race.igla.toml", basename(path.fsPath));
  await vscode.workspace.fs.writeFile(path, new TextEncoder().encode(text));
  return path;
}

/** With a leading `./`, so that it is read as a path even where the catalogue has that name. */
function relativeTo(raceFile: vscode.Uri, text: vscode.Uri): string {
  const path = relative(dirname(raceFile.fsPath), text.fsPath).replaceAll("\\", "/");
  return path.startsWith("..") || path.includes(":") ? path : `./${path}`;
}

async function freePath(folder: vscode.Uri): Promise<vscode.Uri> {
  for (let n = 1; ; n++) {
    const uri = vscode.Uri.joinPath(folder, n === 1 ? "race.igla.toml" : `race-${n}.igla.toml`);
    const isTaken = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!isTaken) return uri;
  }
}
