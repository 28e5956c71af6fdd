/** What every feature of the editor gets. */
import type * as vscode from "vscode";
import type { DaemonConnection } from "../connection/daemon-connection.ts";
import type { Leaderboard } from "../views/leaderboard.ts";
import type { LeaderboardNode } from "../views/leaderboard-model.ts";
import type { PlottedChoice } from "../views/plotted.ts";
import type { RaceNode } from "../views/race-model.ts";
import type { RaceTree } from "../views/race-tree.ts";

export interface Editor {
  readonly connection: DaemonConnection;
  readonly plotted: PlottedChoice;
  readonly tree: RaceTree;
  readonly races: vscode.TreeView<RaceNode>;
  readonly leaderboard: Leaderboard;
  readonly standings: vscode.TreeView<LeaderboardNode>;
  readonly log: vscode.LogOutputChannel;
}
