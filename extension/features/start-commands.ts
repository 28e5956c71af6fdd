/** Commands that begin something: a seed, a race file, a race. */
import * as vscode from "vscode";
import type { Editor } from "./context.ts";
import { reportFailure } from "./failure.ts";

/** The race is shown in the tree, and its curves beside it. */
async function show({ races, tree }: Editor, raceId: string): Promise<void> {
  const node = tree.find(raceId);
  if (node !== undefined) await races.reveal(node, { expand: 2, select: true, focus: false });
  await vscode.commands.executeCommand("igla.openChart");
  await vscode.commands.executeCommand("setContext", "igla.chartSeen", true);
}

async function startRace(editor: Editor, target: vscode.Uri | undefined): Promise<void> {
  const { startRaceFile } = await import("./race-files.ts");
  const uri = target ?? vscode.window.activeTextEditor?.document.uri;
  if (uri?.fsPath.endsWith(".igla.toml") !== true) return startSeed(editor);
  await reportFailure(editor.log, async () => show(editor, await startRaceFile(editor.connection, uri)));
}

async function startSeed(editor: Editor): Promise<void> {
  const feature = await import("./start-seed.ts");
  await reportFailure(editor.log, async () => {
    const raceId = await feature.startSeed(editor.connection);
    if (raceId !== undefined) await show(editor, raceId);
  });
}

async function createRaceFile(editor: Editor): Promise<void> {
  const feature = await import("./start-seed.ts");
  await reportFailure(editor.log, async () => {
    const uri = await feature.createRaceFile(editor.connection);
    if (uri !== undefined) await vscode.window.showTextDocument(uri);
  });
}

/** @param extensionId `publisher.name`, which the walkthrough is known by */
export function registerStartCommands(editor: Editor, extensionId: string): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("igla.startSeed", () => startSeed(editor)),
    vscode.commands.registerCommand("igla.createRaceFile", () => createRaceFile(editor)),
    vscode.commands.registerCommand("igla.startRace", (target?: vscode.Uri) => startRace(editor, target)),
    vscode.commands.registerCommand("igla.restartDaemon", () =>
      reportFailure(editor.log, () => editor.connection.restart()),
    ),
    vscode.commands.registerCommand("igla.showLog", () => editor.log.show()),
    vscode.commands.registerCommand("igla.openWalkthrough", () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", `${extensionId}#start`, false),
    ),
  );
}
