/** Claims against proofs in the editor: one store of reports feeds the view, badges, the status item and commands. */
import * as vscode from "vscode";
import type { SpawnOptions } from "../../daemon/spawn-daemon.ts";
import { reportFailure } from "../features/failure.ts";
import type { LanguageServer } from "../features/language-client.ts";
import type { InvariantRow } from "../views/invariants-model.ts";
import { InvariantsTree } from "../views/invariants-tree.ts";
import { registerAssumptions } from "./assumptions.ts";
import { registerProofCommands } from "./commands.ts";
import { registerCoqFiles } from "./coq-files.ts";
import { registerDecorations } from "./decorations.ts";
import { registerLanguageStatus } from "./language-status.ts";
import { plainText, withClaims } from "./prover-state.ts";
import { ProofReports } from "./reports.ts";

export function registerProofs(
  language: LanguageServer,
  log: vscode.LogOutputChannel,
  spawn: () => SpawnOptions,
): vscode.Disposable {
  const fail = (message: string) => log.error(message);
  const reports = new ProofReports(language, fail);
  const tree = new InvariantsTree(reports);
  const view = vscode.window.createTreeView<InvariantRow>("igla.invariants", {
    treeDataProvider: tree,
    showCollapseAll: true,
  });
  const begin = (always: boolean) => reports.begin(always).catch((error: unknown) => fail(String(error)));
  // After activation: a folder that keeps claims shows them without being asked.
  setImmediate(() => void begin(view.visible));
  return vscode.Disposable.from(
    reports,
    tree,
    view,
    view.onDidChangeVisibility(({ visible }) => visible && void begin(true)),
    reports.onDidChange(() => describe(view, reports)),
    registerAssumptions(reports),
    registerCoqFiles(language, fail),
    registerDecorations(reports),
    registerLanguageStatus(reports),
    registerProofCommands(reports, (work) => reportFailure(log, work)),
    vscode.commands.registerCommand("igla.createRaceFolder", () =>
      reportFailure(log, async () => {
        const { createRaceFolder } = await import("./create-folder.ts");
        await createRaceFolder(spawn());
      }),
    ),
  );
}

/** Beside the title: who checks; above the rows: what to do when nobody does. */
function describe(view: vscode.TreeView<InvariantRow>, { reports }: ProofReports): void {
  const kept = withClaims(reports);
  const prover = kept[0]?.prover;
  view.description = prover !== undefined && "name" in prover ? prover.name : "";
  view.message =
    prover !== undefined && "missing" in prover && prover.missing !== "pending" ? plainText(prover.wayOut) : "";
  void vscode.commands.executeCommand("setContext", "igla.hasClaims", kept.length > 0);
}
