/** The item behind the braces of the status bar: whether Coq was asked about what is on the screen. */
import * as vscode from "vscode";
import { proofLanguage } from "../features/language-id.ts";
import { proverState } from "./prover-state.ts";
import type { ProofReports } from "./reports.ts";

export function registerLanguageStatus(reports: ProofReports): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem("igla.proofs", [
    { language: proofLanguage },
    { scheme: "file", pattern: "**/igla_assertions*.json" },
  ]);
  item.name = vscode.l10n.t("Claims and proofs");
  item.command = { command: "igla.checkAllProofs", title: vscode.l10n.t("Check all") };
  const show = (): void => {
    const { text, detail, isBusy, isWarning } = proverState(reports.reports, vscode.l10n.t);
    item.text = text;
    item.detail = detail;
    item.busy = isBusy;
    const { Information, Warning } = vscode.LanguageStatusSeverity;
    item.severity = isWarning ? Warning : Information;
  };
  show();
  return vscode.Disposable.from(item, reports.onDidChange(show));
}
