/** `Start seed`: from nothing to a training model with one question at most. `Create a race file`: the same, not started. */
import * as vscode from "vscode";
import type { DaemonConnection } from "../connection/daemon-connection.ts";
import { findRaceFiles, servedFolder, startRaceFile, writeStarterFile } from "./race-files.ts";

const builtIn = "tinyshakespeare";
const texts = "**/*.{txt,text,md,markdown,rst,tex,org,csv,json,jsonl,log,html,xml,ts,js,py,c,cpp,h,rs,go,java,v}";
const ignored = "**/{node_modules,.git,.igla,dist,out,target}/**";
const textLimit = 500;
/** Shorter texts have no validation split worth measuring on. */
const smallestBytes = 20_000;
const shownTexts = 20;

interface TextItem extends vscode.QuickPickItem {
  readonly corpus: string | vscode.Uri | "browse";
}

/** The largest texts of the workspace first: more text is what helps a model most. */
async function workspaceTexts(): Promise<TextItem[]> {
  const found = await vscode.workspace.findFiles(texts, ignored, textLimit);
  const local = found.filter(({ scheme }) => scheme === "file");
  const sized = await Promise.all(local.map(async (uri) => ({ uri, size: await sizeOf(uri) })));
  return sized
    .filter(({ size }) => size >= smallestBytes)
    .sort((a, b) => b.size - a.size)
    .slice(0, shownTexts)
    .map(({ uri, size }) => ({
      label: `$(file) ${vscode.workspace.asRelativePath(uri)}`,
      description: vscode.l10n.t("{0} kB", Math.round(size / 1000)),
      corpus: uri,
    }));
}

/** A file that vanished in between has no size. */
async function sizeOf(uri: vscode.Uri): Promise<number> {
  return vscode.workspace.fs.stat(uri).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The one question. Undefined: the user changed his mind. */
async function askForText(): Promise<string | vscode.Uri | undefined> {
  const { t } = vscode.l10n;
  const defaultText: TextItem = {
    label: `$(book) ${t("TinyShakespeare")}`,
    description: t("built in, 1.1 MB, downloaded once"),
    corpus: builtIn,
  };
  const browse: TextItem = { label: `$(folder-opened) ${t("Another file...")}`, corpus: "browse" };
  const items = [defaultText, ...(await workspaceTexts()), browse];
  const chosen = await vscode.window.showQuickPick(items, {
    title: t("Start seed"),
    placeHolder: t("Which text should the models learn?"),
    matchOnDescription: true,
  });
  if (chosen?.corpus !== "browse") return chosen?.corpus;
  const files = await vscode.window.showOpenDialog({ openLabel: t("Learn this text"), canSelectMany: false });
  return files?.[0];
}

async function pickRaceFile(files: readonly vscode.Uri[]): Promise<vscode.Uri | undefined> {
  if (files.length === 1) return files[0];
  const items = files.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  const placeHolder = vscode.l10n.t("Which race should start?");
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Start seed"), placeHolder }))?.uri;
}

/** Asks for the text, and writes a race file about it. Undefined: nothing was written. */
export async function createRaceFile(connection: DaemonConnection): Promise<vscode.Uri | undefined> {
  const folder = servedFolder();
  if (folder === undefined) {
    await vscode.commands.executeCommand("vscode.openFolder");
    return undefined;
  }
  const corpus = await askForText();
  return corpus === undefined ? undefined : writeStarterFile(connection, folder.uri, corpus);
}

/** Id of the race that trains now; undefined when the user changed his mind. @throws {IglaError} */
export async function startSeed(connection: DaemonConnection): Promise<string | undefined> {
  const files = await findRaceFiles();
  const file = files.length > 0 ? await pickRaceFile(files) : await createRaceFile(connection);
  return file === undefined ? undefined : startRaceFile(connection, file);
}
