/** The invariants view: what is claimed, what Coq says, what is assumed. */
import { isDeepStrictEqual } from "node:util";
import * as vscode from "vscode";
import type { Place } from "../../daemon/protocol/invariant-report.ts";
import type { ProofReports } from "../proofs/reports.ts";
import { buildRows, type GroupRow, type Icon, type InvariantRow } from "./invariants-model.ts";
import { claimTooltip } from "./invariants-tooltip.ts";

export class InvariantsTree implements vscode.TreeDataProvider<InvariantRow>, vscode.Disposable {
  readonly #reports: ProofReports;
  readonly #changes = new vscode.EventEmitter<InvariantRow[] | undefined>();
  readonly #subscription: vscode.Disposable;
  /** By id, newest. */
  #groups = new Map<string, GroupRow>();
  /** The objects by which VS Code knows groups: those that it was given when it last drew all. */
  #given: readonly GroupRow[] = [];

  readonly onDidChangeTreeData = this.#changes.event;

  constructor(reports: ProofReports) {
    this.#reports = reports;
    this.#subscription = reports.onDidChange(() => this.#build());
  }

  #build(): void {
    const before = this.#groups;
    const rows = buildRows(this.#reports.reports, vscode.l10n.t);
    this.#groups = new Map(rows.map((group) => [group.id, group]));
    // VS Code refuses a row that is in two groups, so one that goes to another has everything drawn again.
    if (idsOf(before) !== idsOf(this.#groups)) {
      this.#changes.fire(undefined);
      return;
    }
    // Whole rows: tooltips and commands are made of more than is seen at once.
    const differs = this.#given.filter(({ id }) => !isDeepStrictEqual(before.get(id), this.#groups.get(id)));
    if (differs.length > 0) this.#changes.fire(differs);
  }

  getChildren(parent?: InvariantRow): InvariantRow[] {
    if (parent === undefined) {
      this.#given = [...this.#groups.values()];
      return [...this.#given];
    }
    return parent.kind === "group" ? [...(this.#groups.get(parent.id)?.rows ?? [])] : [];
  }

  getTreeItem(row: InvariantRow): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.kind !== "group" ? None : row.isOpen ? Expanded : Collapsed);
    item.id = row.id;
    item.description = row.description;
    item.iconPath = themeIcon(row.icon);
    item.contextValue = row.kind;
    if (row.kind === "claim") {
      const { claimPlace, idPlace, theoremPlace } = row.invariant;
      item.contextValue = theoremPlace === null ? "claim" : "claim proven";
      item.command = openCommand(row.folder, claimPlace ?? idPlace);
    } else if (row.kind !== "group") {
      const uri = vscode.Uri.joinPath(vscode.Uri.file(row.folder), row.file.path);
      item.tooltip = `${row.label}: ${row.description}`;
      item.command = { command: "vscode.open", title: vscode.l10n.t("Open"), arguments: [uri] };
    }
    return item;
  }

  /** Tooltips are made when they are asked for: there may be thousands. */
  resolveTreeItem(item: vscode.TreeItem, row: InvariantRow): vscode.TreeItem {
    if (row.kind === "claim") item.tooltip = new vscode.MarkdownString(claimTooltip(row.invariant, vscode.l10n.t));
    return item;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }
}

function idsOf(groups: ReadonlyMap<string, GroupRow>): string {
  return JSON.stringify([...groups].map(([id, { rows }]) => [id, rows.map((row) => row.id)]));
}

function themeIcon({ id, colour }: Icon): vscode.ThemeIcon {
  return colour === null ? new vscode.ThemeIcon(id) : new vscode.ThemeIcon(id, new vscode.ThemeColor(colour));
}

function openCommand(folder: string, { path, range }: Place): vscode.Command {
  const { start, end } = range;
  const selection = new vscode.Range(
    new vscode.Position(start.line, start.character),
    new vscode.Position(end.line, end.character),
  );
  const uri = vscode.Uri.joinPath(vscode.Uri.file(folder), path);
  return { command: "vscode.open", title: vscode.l10n.t("Open the claim"), arguments: [uri, { selection }] };
}
