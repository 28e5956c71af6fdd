/** Reasons of a report as an editor shows them. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Diagnostic, type DiagnosticRelatedInformation, DiagnosticSeverity } from "vscode-languageserver";
import type { FolderReport, Reason, Severity } from "../../protocol/invariant-report.ts";
import type { ProofFolder } from "./proof-folder.ts";

export const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function uriOf(folder: string, path: string): string {
  return pathToFileURL(join(folder, path)).href;
}

/** Reasons by the file that they stand in. Proofs that nobody cites and nobody looks at are left in peace. */
export function reasonsByPath(folder: ProofFolder): Map<string, Reason[]> {
  const report = folder.report();
  const cited = citedPaths(report);
  const found = new Map<string, Reason[]>();
  for (const { path, reasons, invariants } of report.assertionFiles) {
    found.set(path, [...reasons, ...invariants.flatMap((one) => one.reasons)]);
  }
  for (const { path, reasons } of report.proofFiles) {
    if (cited.has(path) || folder.texts.isOpen(path)) found.set(path, [...reasons]);
  }
  return found;
}

function citedPaths({ assertionFiles }: FolderReport): Set<string | null> {
  return new Set(assertionFiles.flatMap(({ invariants }) => invariants.map(({ proofPath }) => proofPath)));
}

export function toDiagnostic({ code, severity, message, place, related }: Reason, folder: string): Diagnostic {
  const relatedInformation = related.map(
    (one): DiagnosticRelatedInformation => ({
      message: one.message,
      location: { uri: uriOf(folder, one.place.path), range: one.place.range },
    }),
  );
  return {
    range: place.range,
    severity: severities[severity],
    source: "igla",
    code,
    message,
    ...(relatedInformation.length === 0 ? {} : { relatedInformation }),
  };
}
