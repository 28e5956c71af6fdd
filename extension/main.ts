/** Entry of the extension: registers everything, connects nothing and loads nothing that is not needed yet. */
import * as vscode from "vscode";
import type { SpawnOptions } from "../daemon/spawn-daemon.ts";
import { DaemonConnection } from "./connection/daemon-connection.ts";
import { registerChart } from "./features/chart.ts";
import { registerCodeLens } from "./features/code-lens.ts";
import type { Editor } from "./features/context.ts";
import { registerLanguage } from "./features/language-client.ts";
import { registerLmTools } from "./features/lm-tools.ts";
import { registerMcp } from "./features/mcp.ts";
import { registerRaceCommands } from "./features/race-commands.ts";
import { servedFolder } from "./features/race-files.ts";
import { registerRaceNews } from "./features/race-news.ts";
import { registerStartCommands } from "./features/start-commands.ts";
import { registerStatusBar } from "./features/status-bar.ts";
import { registerTrialOutput } from "./features/trial-output.ts";
import { registerLevers } from "./levers/register.ts";
import { registerProofs } from "./proofs/register.ts";
import { Leaderboard } from "./views/leaderboard.ts";
import { PlottedChoice } from "./views/plotted.ts";
import { RaceTree } from "./views/race-tree.ts";
import { registerRowColours } from "./views/row-colours.ts";
import { keepViewsCurrent } from "./views/view-state.ts";

/** VS Code's own Node runs the daemon, so that nobody has to install one. */
function spawnOptions(): SpawnOptions {
  const settings = vscode.workspace.getConfiguration("igla");
  const nodePath = settings.get<string>("daemon.nodePath", "").trim();
  // What debuggers and launchers of VS Code hand down is not meant for the daemon.
  const prover = settings.get<string>("proofs.proverPath", "").trim();
  const env = {
    ELECTRON_RUN_AS_NODE: "1",
    NODE_OPTIONS: undefined,
    VSCODE_INSPECTOR_OPTIONS: undefined,
    ...(prover === "" ? {} : { IGLA_PROVER: prover }),
  };
  const backend = settings.get<string>("backend", "auto");
  return nodePath === "" ? { backend, env } : { backend, env, execPath: nodePath };
}

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Igla", { log: true });
  const connection = new DaemonConnection({
    workspace: servedFolder()?.uri.fsPath ?? null,
    isTrusted: () => vscode.workspace.isTrusted,
    spawnOptions,
    log: (level, message) => log[level](message),
  });
  const plotted = new PlottedChoice(connection, context.workspaceState, (error) => log.error(String(error)));
  const tree = new RaceTree(connection, plotted);
  const leaderboard = new Leaderboard(connection);
  const races = vscode.window.createTreeView("igla.races", {
    treeDataProvider: tree,
    showCollapseAll: true,
    manageCheckboxStateManually: true,
  });
  const standings = vscode.window.createTreeView("igla.leaderboard", { treeDataProvider: leaderboard });
  const language = registerLanguage(context);
  const editor: Editor = { connection, plotted, tree, races, leaderboard, standings, log };
  context.subscriptions.push(
    log,
    { dispose: () => connection.dispose() },
    plotted,
    tree,
    leaderboard,
    races,
    standings,
    keepViewsCurrent(editor),
    registerRowColours(connection),
    registerStatusBar(connection),
    registerRaceNews(connection),
    registerStartCommands(editor, context.extension.id),
    registerRaceCommands(editor),
    registerTrialOutput(editor, spawnOptions),
    registerChart(context, connection, plotted, (message) => log.error(message)),
    language,
    registerProofs(language, log, spawnOptions),
    registerLevers(connection, context.workspaceState, log, spawnOptions),
    registerCodeLens(connection),
    registerLmTools(connection, language),
    registerMcp(context),
    vscode.workspace.onDidGrantWorkspaceTrust(() => connection.attach()),
  );
  // After activation: a daemon that runs already is shown in the status bar.
  setImmediate(() => void connection.attach());
}
