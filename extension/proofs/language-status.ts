/** The item behind the braces of the status bar: whether Coq was asked about what is on the screen. */
import * as vscode from "vscode";
import type { FolderReport } from "../../daemon/protocol/invariant-report.ts";
import { proofLanguage } from "../features/language-id.ts";
import type { Translate } from "../translate.ts";
import type { ProofReports } from "./reports.ts";

export interface ProverState {
  readonly text: string;
  readonly detail: string;
  readonly isBusy: boolean;
  readonly isWarning: boolean;
}

export function proverState(reports: readonly FolderReport[], t: Translate): ProverState {
  const kept = reports.filter(({ assertionFiles, proofFiles }) => assertionFiles.length + proofFiles.length > 0);
  const [first] = kept;
  if (first === undefined) return { text: t("No claims here"), detail: "", isBusy: false, isWarning: false };
  if (kept.some(({ checking }) => checking)) {
    return { text: t("Coq is checking"), detail: proverName(first), isBusy: true, isWarning: false };
  }
  if (!("name" in first.prover)) {
    const isSearching = first.prover.missing === "pending";
    const text = isSearching ? t("Looking for Coq") : t("Not checked by Coq");
    return { text, detail: first.prover.wayOut, isBusy: isSearching, isWarning: !isSearching };
  }
  const wrong = kept
    .flatMap(({ assertionFiles }) => assertionFiles.flatMap(({ invariants }) => invariants))
    .filter(({ verdict }) => verdict === "over-claim" || verdict === "broken").length;
  const text = wrong === 0 ? t("Checked by Coq") : t("{0} claims go beyond what Coq says", wrong);
  return { text, detail: first.prover.name, isBusy: false, isWarning: wrong > 0 };
}

function proverName({ prover }: FolderReport): string {
  return "name" in prover ? prover.name : "";
}

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
