/** Commands about claims and proofs. */
import * as vscode from "vscode";
import type { CheckProofsParams, CheckProofsResult } from "../../daemon/protocol/invariant-requests.ts";
import { proofLanguage } from "../features/language-id.ts";
import { type Action, notifyInfo, showLogAction } from "../notify.ts";
import { assumptionsUri } from "./assumptions.ts";
import { plainText } from "./prover-state.ts";
import type { ProofReports } from "./reports.ts";
import { linkOf, type ProofTarget } from "./targets.ts";

type Report = (work: () => Promise<unknown>) => Promise<boolean>;

export function registerProofCommands(reports: ProofReports, reportFailure: Report): vscode.Disposable {
  const { registerCommand } = vscode.commands;
  const check = (title: string, params: CheckProofsParams) =>
    reportFailure(async () =>
      tell(await withProgress(title, params.deep === true, (token) => reports.check(params, token))),
    );
  /** The file that is meant; undefined: none is, and all are checked. */
  const pathOf = (target: ProofTarget): { readonly path: string } | Record<string, never> => {
    const path = linkOf(target)?.path ?? activePath();
    return path === undefined ? {} : { path };
  };
  return vscode.Disposable.from(
    registerCommand("igla.checkProofs", (target?: ProofTarget) =>
      check(vscode.l10n.t("Coq is checking"), { ...pathOf(target), again: true }),
    ),
    registerCommand("igla.checkAllProofs", () => check(vscode.l10n.t("Coq is checking all proofs"), {})),
    registerCommand("igla.deepCheckProofs", (target?: ProofTarget) =>
      check(vscode.l10n.t("coqchk is checking; this can take minutes"), { ...pathOf(target), deep: true }),
    ),
    registerCommand("igla.showAssumptions", (target?: ProofTarget) => showAssumptions(target)),
    registerCommand("igla.openProof", (target?: ProofTarget) => openProof(target)),
  );
}

/** The active proof or assertion file. */
function activePath(): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === "file" && /\.(v|json)$/.test(uri.path) ? uri.fsPath : undefined;
}

type Work = (token: vscode.CancellationToken) => Promise<CheckProofsResult>;

/** Quiet for what is quick; what takes minutes is shown where it can be cancelled. */
function withProgress(title: string, isLong: boolean, work: Work): Thenable<CheckProofsResult> {
  const { Notification, Window } = vscode.ProgressLocation;
  const location = isLong ? Notification : Window;
  return vscode.window.withProgress({ location, title, cancellable: isLong }, (_, token) => work(token));
}

function tell({ checked, refusal }: CheckProofsResult): void {
  if (refusal === null) {
    vscode.window.setStatusBarMessage(vscode.l10n.t("Files that Coq was asked about: {0}", checked), 5000);
    return;
  }
  const trust: Action = {
    title: vscode.l10n.t("Manage workspace trust"),
    run: () => vscode.commands.executeCommand("workbench.trust.manage"),
  };
  const settings: Action = {
    title: vscode.l10n.t("Open settings"),
    run: () => vscode.commands.executeCommand("workbench.action.openSettings", "igla.proofs"),
  };
  notifyInfo(plainText(refusal), vscode.workspace.isTrusted ? settings : trust, showLogAction());
}

async function showAssumptions(target: ProofTarget): Promise<void> {
  const link = linkOf(target);
  if (link === null) return;
  const document = await vscode.workspace.openTextDocument(assumptionsUri(link));
  await vscode.languages.setTextDocumentLanguage(document, proofLanguage);
  await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
}

async function openProof(target: ProofTarget): Promise<void> {
  const link = linkOf(target);
  if (link === null) return;
  const at = new vscode.Position(link.line ?? 0, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(link.path), { selection: new vscode.Range(at, at) });
}
