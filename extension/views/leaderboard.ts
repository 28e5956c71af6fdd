/** The leaderboard view: the daemon's ranking, asked for while it is looked at. */
import * as vscode from "vscode";
import { Coalescer } from "../connection/coalesce.ts";
import type { Connection } from "../connection/connection.ts";
import { groupRows, type LeaderboardNode, standingDescription, standingLabel } from "./leaderboard-model.ts";
import { rowUri } from "./row-colours.ts";

const rowLimit = 200;
const refreshMs = 1000;

export class Leaderboard implements vscode.TreeDataProvider<LeaderboardNode>, vscode.Disposable {
  readonly #connection: Connection;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #refresh = new Coalescer<"all">(refreshMs, () => this.#changes.fire(undefined));
  readonly #subscriptions: vscode.Disposable[];
  /** What was heard last; stays while the daemon is away. */
  #roots: LeaderboardNode[] = [];

  readonly onDidChangeTreeData = this.#changes.event;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#subscriptions = [
      connection.onDidReceiveEvent(({ kind }) => {
        if (kind === "rung-result") this.#refresh.touch("all");
      }),
      connection.onDidChangeStatus(({ kind }) => {
        if (kind === "connected") this.#refresh.touch("all");
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#refresh.dispose();
    this.#changes.dispose();
  }

  async getChildren(parent?: LeaderboardNode): Promise<LeaderboardNode[]> {
    if (parent !== undefined) return parent.kind === "comparable" ? [...parent.rows] : [];
    if (this.#connection.status.kind !== "connected") return this.#roots;
    const { leaderboard } = await import("../../daemon/protocol/requests.ts");
    try {
      const { rows } = await this.#connection.request(leaderboard, { limit: rowLimit });
      this.#roots = groupRows(rows, vscode.l10n.t);
    } catch {
      // The daemon went away in between; the status says so, and a new connection asks again.
    }
    return this.#roots;
  }

  getTreeItem(node: LeaderboardNode): vscode.TreeItem {
    const { None, Expanded } = vscode.TreeItemCollapsibleState;
    if (node.kind === "comparable") {
      const item = new vscode.TreeItem(node.label, Expanded);
      item.id = node.id;
      item.resourceUri = rowUri("");
      item.iconPath = new vscode.ThemeIcon("book");
      item.tooltip = vscode.l10n.t("Only numbers measured in the same way are ranked together.");
      return item;
    }
    const { row } = node;
    const item = new vscode.TreeItem(standingLabel(node, vscode.l10n.t), None);
    item.id = node.id;
    item.description = standingDescription(node, vscode.l10n.t);
    item.iconPath = new vscode.ThemeIcon(row.rank === 1 ? "star-full" : "circle-small");
    item.resourceUri = rowUri(row.raceId, row.trialId);
    item.contextValue = "standing";
    item.tooltip = item.description;
    item.command = {
      command: "igla.revealTrial",
      title: vscode.l10n.t("Show in the races view"),
      arguments: [row.trialId],
    };
    return item;
  }
}
