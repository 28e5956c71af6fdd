/** Badges on proof and assertion files in the explorer and on tabs. */
import * as vscode from "vscode";
import { type Badge, badges } from "./badges.ts";
import type { ProofReports } from "./reports.ts";

export function registerDecorations(reports: ProofReports): vscode.Disposable {
  const changes = new vscode.EventEmitter<vscode.Uri[]>();
  let shown = new Map<string, Badge>();
  const subscription = reports.onDidChange(() => {
    const now = badges(reports.reports, vscode.l10n.t);
    const differs = [...new Set([...shown.keys(), ...now.keys()])].filter(
      (path) => JSON.stringify(shown.get(path)) !== JSON.stringify(now.get(path)),
    );
    shown = now;
    if (differs.length > 0) changes.fire(differs.map((path) => vscode.Uri.file(path)));
  });
  const provider = vscode.window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changes.event,
    provideFileDecoration: (uri) => {
      const badge = uri.scheme === "file" ? shown.get(uri.fsPath) : undefined;
      if (badge === undefined) return undefined;
      const colour = badge.colour === null ? undefined : new vscode.ThemeColor(badge.colour);
      return new vscode.FileDecoration(badge.badge, badge.tooltip, colour);
    },
  });
  return vscode.Disposable.from(changes, provider, subscription);
}
