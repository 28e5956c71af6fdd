/** The invariants view: what is claimed, what Coq says, what is assumed. */
import * as vscode from "vscode";
import type { Place } from "../../daemon/protocol/invariant-report.ts";
import type { ProofReports } from "../proofs/reports.ts";
import { buildRows, type GroupRow, type Icon, type InvariantRow } from "./invariants-model.ts";
import { claimTooltip } from "./invariants-tooltip.ts";

export class InvariantsTree implements vscode.TreeDataProvider<InvariantRow>, vscode.Disposable {
  readonly #reports: ProofReports;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #subscription: vscode.Disposable;
  #rows: readonly GroupRow[] = [];
  /** What VS Code was told last. */
  #shown = "";

  readonly onDidChangeTreeData = this.#changes.event;

  constructor(reports: ProofReports) {
    this.#reports = reports;
    this.#subscription = reports.onDidChange(() => this.#build());
  }

  #build(): void {
    this.#rows = buildRows(this.#reports.reports, vscode.l10n.t);
    const shown = JSON.stringify(this.#rows.map(outlineOf));
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#changes.fire(undefined);
  }

  getChildren(parent?: InvariantRow): InvariantRow[] {
    if (parent === undefined) return [...this.#rows];
    return parent.kind === "group" ? [...parent.rows] : [];
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
      item.tooltip = new vscode.MarkdownString(claimTooltip(row.invariant, vscode.l10n.t));
      item.command = openCommand(row.folder, claimPlace ?? idPlace);
    } else if (row.kind !== "group") {
      const uri = vscode.Uri.joinPath(vscode.Uri.file(row.folder), row.file.path);
      item.tooltip = `${row.label}: ${row.description}`;
      item.command = { command: "vscode.open", title: vscode.l10n.t("Open"), arguments: [uri] };
    }
    return item;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }
}

/** All of a row that is drawn; tooltips are asked for when they are shown. */
function outlineOf(row: InvariantRow): unknown[] {
  const { id, label, description, icon } = row;
  const place = row.kind === "claim" ? (row.invariant.claimPlace ?? row.invariant.idPlace).range.start : null;
  return [id, label, description, icon.id, place, row.kind === "group" ? row.rows.map(outlineOf) : null];
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
