/** Whether Coq was asked about what is on the screen, in a few words. Pure. */
import { isOverClaim } from "../../daemon/protocol/certainty.ts";
import type { FolderReport } from "../../daemon/protocol/invariant-report.ts";
import type { Translate } from "../translate.ts";

export interface ProverState {
  readonly text: string;
  readonly detail: string;
  readonly isBusy: boolean;
  readonly isWarning: boolean;
}

/** Where no Markdown is drawn, its quotes would be. */
export function plainText(markdown: string): string {
  return markdown.replaceAll("`", "");
}

/** Those of folders that hold a claim or a proof. */
export function withClaims(reports: readonly FolderReport[]): FolderReport[] {
  return reports.filter(({ assertionFiles, proofFiles }) => assertionFiles.length + proofFiles.length > 0);
}

export function proverState(reports: readonly FolderReport[], t: Translate): ProverState {
  const kept = withClaims(reports);
  const [first] = kept;
  if (first === undefined) return { text: t("No claims here"), detail: "", isBusy: false, isWarning: false };
  if (kept.some(({ checking }) => checking)) {
    return { text: t("Coq is checking"), detail: proverName(first), isBusy: true, isWarning: false };
  }
  if (!("name" in first.prover)) {
    const isSearching = first.prover.missing === "pending";
    const text = isSearching ? t("Looking for Coq") : t("Not checked by Coq");
    return { text, detail: plainText(first.prover.wayOut), isBusy: isSearching, isWarning: !isSearching };
  }
  const wrong = kept
    .flatMap(({ assertionFiles }) => assertionFiles.flatMap(({ invariants }) => invariants))
    .filter(({ verdict }) => isOverClaim(verdict)).length;
  const detail = first.prover.name;
  if (wrong > 0) return { text: t("Claims beyond what Coq says: {0}", wrong), detail, isBusy: false, isWarning: true };
  const files = kept.flatMap(({ proofFiles }) => proofFiles);
  // Changed since, not asked about, refused, or without an answer in time.
  const unchecked = files.filter(({ compile, stale }) => stale || compile.kind === "unchecked").length;
  const text =
    unchecked === 0 ? t("Checked by Coq") : t("Files not checked by Coq: {0} of {1}", unchecked, files.length);
  return { text, detail, isBusy: false, isWarning: false };
}

function proverName({ prover }: FolderReport): string {
  return "name" in prover ? prover.name : "";
}
