/** The line over a race file: start its race, start a seed, see how the race is doing. */
import * as vscode from "vscode";
import type { Connection } from "../connection/connection.ts";
import { raceFileLanguage } from "./language-id.ts";
import { lensesOf, raceOf } from "./race-lenses.ts";

/** Lenses are redrawn at most this often while a race runs. */
const refreshMs = 1000;

export function registerCodeLens(connection: Connection): vscode.Disposable {
  const changes = new vscode.EventEmitter<void>();
  let timer: NodeJS.Timeout | undefined;
  const onRace = (raceId: string): void => {
    const path = connection.races.get(raceId)?.path;
    const isShown = vscode.window.visibleTextEditors.some(({ document }) => document.uri.fsPath === path);
    if (!isShown || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      changes.fire();
    }, refreshMs);
  };
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changes.event,
    provideCodeLenses: ({ uri }) => {
      const top = new vscode.Range(0, 0, 0, 0);
      const race = raceOf(uri.fsPath, connection.races);
      const canStart = vscode.workspace.isTrusted && uri.scheme === "file";
      return lensesOf(race, canStart, vscode.l10n.t).map(({ title, command }) => {
        const target = command === "igla.startRace" ? [uri] : [];
        return new vscode.CodeLens(top, { title, command, arguments: target });
      });
    },
  };
  return vscode.Disposable.from(
    changes,
    { dispose: () => clearTimeout(timer) },
    vscode.languages.registerCodeLensProvider({ language: raceFileLanguage }, provider),
    connection.onDidChangeRace(onRace),
    connection.onDidChangeStatus(() => changes.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changes.fire()),
  );
}
