/** The one status-bar item: what trains, or what is wrong; a click offers what can be done about it. */
import * as vscode from "vscode";
import { Coalescer } from "../connection/coalesce.ts";
import type { Connection } from "../connection/connection.ts";
import { raceText } from "../views/tooltip-text.ts";
import { raceInFocus, statusText } from "./status-text.ts";

const refreshMs = 500;

export function registerStatusBar(connection: Connection): vscode.Disposable {
  const { t } = vscode.l10n;
  const item = vscode.window.createStatusBarItem("igla.status", vscode.StatusBarAlignment.Left);
  item.name = "Igla";
  item.command = "igla.showMenu";
  const draw = (): void => {
    const { text, spoken, tone } = statusText(connection.status, connection.races, t);
    item.text = text;
    item.accessibilityInformation = { label: spoken };
    item.backgroundColor = tone === "normal" ? undefined : new vscode.ThemeColor(`statusBarItem.${tone}Background`);
    item.tooltip = tooltip(connection);
    item.show();
  };
  const refresh = new Coalescer<"all">(refreshMs, draw);
  const touch = (): void => refresh.touch("all");
  const subscriptions = [connection.onDidChangeStatus(touch), connection.onDidChangeRace(touch)];
  draw();
  const menu = vscode.commands.registerCommand("igla.showMenu", () => showMenu(connection));
  return vscode.Disposable.from(item, menu, ...subscriptions, refresh);
}

function tooltip(connection: Connection): vscode.MarkdownString | string {
  const { status } = connection;
  if (status.kind === "failed") return `${vscode.l10n.t("The daemon could not be started.")} ${status.message}`;
  if (status.kind === "lost") {
    return `${vscode.l10n.t("The daemon went away. What was trained is kept; Igla starts it again.")} ${status.reason}`;
  }
  const race = raceInFocus(connection.races);
  if (race === null) return vscode.l10n.t("Igla: no race has been started in this folder.");
  return new vscode.MarkdownString(raceText(race, vscode.l10n.t), true);
}

async function showMenu(connection: Connection): Promise<void> {
  const { t } = vscode.l10n;
  const race = raceInFocus(connection.races);
  const item = (icon: string, label: string, command: string, argument?: string) => ({
    label: `$(${icon}) ${label}`,
    command,
    argument,
  });
  const items = [];
  if (connection.status.kind === "failed" || connection.status.kind === "lost") {
    items.push(item("debug-restart", t("Restart the daemon"), "igla.restartDaemon"));
  }
  if (race?.status === "running" || race?.status === "queued") {
    items.push(item("debug-pause", t("Pause {0}", race.name), "igla.pauseRace", race.raceId));
  }
  if (race?.status === "paused" || race?.status === "failed") {
    items.push(item("debug-continue", t("Resume {0}", race.name), "igla.resumeRace", race.raceId));
  }
  if (race !== null) items.push(item("graph-line", t("Open the chart"), "igla.openChart"));
  items.push(
    item("play", t("Start seed"), "igla.startSeed"),
    item("beaker", t("Falsify a lever"), "igla.falsifyLever"),
    item("list-tree", t("Show the races"), "igla.races.focus"),
    item("output", t("Show the log"), "igla.showLog"),
  );
  const chosen = await vscode.window.showQuickPick(items, { title: "Igla" });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command, chosen.argument);
}
