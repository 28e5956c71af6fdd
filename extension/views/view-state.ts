/** Keeps the views in step with the connection: context keys for their welcomes, titles, ticks, and the first look. */
import * as vscode from "vscode";
import type { ConnectionStatus } from "../connection/connection.ts";
import type { Editor } from "../features/context.ts";

export function keepViewsCurrent({ connection, plotted, races, standings, log }: Editor): vscode.Disposable {
  let hasRaces: boolean | null = null;
  const setContext = (key: string, value: unknown) => void vscode.commands.executeCommand("setContext", key, value);
  const showRaces = (): void => {
    const now = connection.races.size > 0;
    if (now !== hasRaces) setContext("igla.hasRaces", now);
    hasRaces = now;
  };
  const showStatus = (status: ConnectionStatus): void => {
    setContext("igla.daemon", status.kind);
    const text = viewDescription(status);
    races.description = text;
    standings.description = text;
    showRaces();
  };
  /** Looking at races of earlier days needs the daemon that has them. */
  const look = (): void => {
    const isNeeded = connection.status.kind === "idle" && connection.hasHistory && vscode.workspace.isTrusted;
    if (isNeeded) connection.start().catch((error: unknown) => log.error(String(error)));
  };
  /** The walkthrough asks for these: VS Code forgets what was looked at before the walkthrough is first opened. */
  const see = (key: string): void => {
    setContext(key, true);
    look();
  };
  showStatus(connection.status);
  return vscode.Disposable.from(
    connection.onDidChangeStatus(showStatus),
    connection.onDidChangeRace(showRaces),
    races.onDidChangeVisibility(({ visible }) => visible && see("igla.racesSeen")),
    standings.onDidChangeVisibility(({ visible }) => visible && see("igla.leaderboardSeen")),
    vscode.workspace.onDidGrantWorkspaceTrust(() => (races.visible || standings.visible) && look()),
    races.onDidChangeCheckboxState(async ({ items }) => {
      const { Checked } = vscode.TreeItemCheckboxState;
      for (const [node, state] of items) {
        if (node.kind === "trial") await plotted.tick(node.trialId, state === Checked);
      }
    }),
  );
}

function viewDescription(status: ConnectionStatus): string {
  if (status.kind === "lost") return vscode.l10n.t("reconnecting");
  if (status.kind === "failed") return status.message;
  return "";
}
