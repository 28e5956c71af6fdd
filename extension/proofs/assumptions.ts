/** What Coq said of one theorem, as a read-only text that stays current. */
import * as vscode from "vscode";
import type { ProofReports } from "./reports.ts";
import { findTheorem, type ProofLink } from "./targets.ts";
import { comment, theoremText } from "./theorem-text.ts";

const scheme = "igla-assumptions";

export function assumptionsUri({ path, name = "", line }: ProofLink): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${name}.v`, query: JSON.stringify({ path, name, line }) });
}

export function registerAssumptions(reports: ProofReports): vscode.Disposable {
  const changes = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changes.event,
    provideTextDocumentContent: ({ query }) => {
      const found = findTheorem(reports.reports, JSON.parse(query) as ProofLink);
      const { t } = vscode.l10n;
      return found === null ? comment(t("This theorem is in no report any more.")) : theoremText(found.theorem, t);
    },
  });
  const subscription = reports.onDidChange(() => {
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === scheme) changes.fire(uri);
  });
  return vscode.Disposable.from(changes, provider, subscription);
}
