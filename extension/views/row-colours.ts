/** Dims rows: trials that are out of the race, and everything while the daemon is away. */
import * as vscode from "vscode";
import type { Connection } from "../connection/connection.ts";

const scheme = "igla-row";

/** Names a row to the decoration provider; nothing is ever read from it. */
export function rowUri(raceId: string, trialId = ""): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${raceId}`, query: trialId });
}

export function registerRowColours(connection: Connection): vscode.Disposable {
  const changes = new vscode.EventEmitter<undefined>();
  const dim = new vscode.FileDecoration(undefined, undefined, new vscode.ThemeColor("disabledForeground"));
  let wasAway = false;
  const subscription = connection.onDidChangeStatus(({ kind }) => {
    const isAway = kind === "lost" || kind === "failed";
    if (isAway !== wasAway) changes.fire(undefined);
    wasAway = isAway;
  });
  const provider = vscode.window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changes.event,
    provideFileDecoration: (uri) => {
      if (uri.scheme !== scheme) return undefined;
      if (connection.status.kind === "lost" || connection.status.kind === "failed") return dim;
      const status = connection.races.get(uri.path.slice(1))?.trials[uri.query]?.status;
      return status === "killed" || status === "stopped" || status === "failed" ? dim : undefined;
    },
  });
  return vscode.Disposable.from(changes, provider, subscription);
}
