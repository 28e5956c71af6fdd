/** The view Levers: what each lever is said to gain, what was measured, and what is being measured now. */
import { isDeepStrictEqual } from "node:util";
import * as vscode from "vscode";
import { escapeMarkdown } from "../../daemon/protocol/markdown.ts";
import type { Experiments } from "./experiments.ts";
import { leverRows, type ViewRow } from "./levers-model.ts";
import { leverTooltip, verdictTooltip } from "./levers-tooltip.ts";

export class LeversTree implements vscode.TreeDataProvider<ViewRow>, vscode.Disposable {
  readonly #experiments: Experiments;
  readonly #changes = new vscode.EventEmitter<ViewRow | undefined>();
  readonly #subscription: vscode.Disposable;
  #rows: ViewRow[] = [];

  readonly onDidChangeTreeData = this.#changes.event;

  constructor(experiments: Experiments) {
    this.#experiments = experiments;
    this.#subscription = experiments.onDidChange(() => this.#build());
  }

  /** Ages grow although nothing happens. */
  refresh(): void {
    this.#build();
  }

  /** Progress alone redraws one row, so that tooltips and selection of the others stay. */
  #build(): void {
    const fresh = this.#fresh();
    if (isDeepStrictEqual(this.#rows, fresh)) return;
    const [old, now] = [this.#rows[0], fresh[0]];
    const isOnlyProgress =
      old?.kind === "running" &&
      now?.kind === "running" &&
      old.id === now.id &&
      isDeepStrictEqual(this.#rows.slice(1), fresh.slice(1));
    if (!isOnlyProgress) {
      this.#rows = fresh;
      this.#changes.fire(undefined);
    } else if (old.description !== now.description) {
      // VS Code knows rows by the objects that it was given.
      Object.assign(old, now);
      this.#changes.fire(old);
    }
  }

  #fresh(): ViewRow[] {
    const { book, known } = this.#experiments;
    const clock = { language: vscode.env.language, now: Date.now() };
    return leverRows({ book, experiments: [...known.values()] }, clock, vscode.l10n.t);
  }

  getChildren(parent?: ViewRow): ViewRow[] {
    if (parent === undefined) return [...this.#rows];
    if (parent.kind === "group") return [...parent.rows];
    return parent.kind === "lever" && parent.verdicts.length > 1 ? [...parent.verdicts] : [];
  }

  getTreeItem(row: ViewRow): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label, collapsibleState(row));
    item.id = row.id;
    item.description = row.description;
    item.iconPath = themeIcon(row);
    item.contextValue = contextOf(row);
    if (row.kind === "running") item.tooltip = `${row.label}: ${row.description}`;
    else if (row.kind === "warning") item.tooltip = row.messages.join("\n");
    if (row.kind !== "group") {
      item.command = { command: "igla.openLever", title: vscode.l10n.t("Open"), arguments: [row] };
    }
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, row: ViewRow): vscode.TreeItem {
    const { t } = vscode.l10n;
    if (row.kind === "lever") item.tooltip = new vscode.MarkdownString(leverTooltip(row, t), true);
    else if (row.kind === "verdict") {
      item.tooltip = new vscode.MarkdownString(
        `**${escapeMarkdown(row.title)}**\n\n${verdictTooltip(row.verdict, t)}`,
        true,
      );
    }
    return item;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }
}

function collapsibleState(row: ViewRow): vscode.TreeItemCollapsibleState {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  if (row.kind === "group") return row.standing === "untested" ? Collapsed : Expanded;
  return row.kind === "lever" && row.verdicts.length > 1 ? Collapsed : None;
}

function contextOf(row: ViewRow): string {
  return row.kind === "lever" && row.verdicts.length > 0 ? "lever tested" : row.kind;
}

function themeIcon({ icon: { id, colour } }: ViewRow): vscode.ThemeIcon {
  return colour === null ? new vscode.ThemeIcon(id) : new vscode.ThemeIcon(id, new vscode.ThemeColor(colour));
}
