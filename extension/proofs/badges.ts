/** What a file's badge says. A check mark only for what Coq said of the present text. Pure. */
import { join } from "node:path";
import { certaintyOf, isOverClaim } from "../../daemon/protocol/certainty.ts";
import type { AssertionFileReport, FolderReport, ProofFileReport } from "../../daemon/protocol/invariant-report.ts";
import type { Translate } from "../translate.ts";
import { isProven } from "../views/invariants-model.ts";

export interface Badge {
  readonly badge: string;
  readonly tooltip: string;
  readonly colour: string | null;
}

export function badges(reports: readonly FolderReport[], t: Translate): Map<string, Badge> {
  const found = new Map<string, Badge>();
  const keep = (path: string, badge: Badge | null) => {
    if (badge !== null) found.set(path, badge);
  };
  for (const { folder, assertionFiles, proofFiles } of reports) {
    for (const file of assertionFiles) keep(join(folder, file.path), assertionBadge(file, t));
    for (const file of proofFiles) keep(join(folder, file.path), proofBadge(file, t));
  }
  return found;
}

const error = "list.errorForeground";
const warning = "list.warningForeground";

function assertionBadge({ invariants }: AssertionFileReport, t: Translate): Badge | null {
  const wrong = invariants.filter(({ verdict }) => isOverClaim(verdict)).length;
  if (wrong > 0) return { badge: "!", tooltip: t("Claims beyond what Coq says: {0}", wrong), colour: error };
  // An honest claim of Admitted is right, and yet proves nothing.
  if (invariants.some(({ status }) => status === "Admitted" || status === "Conditional")) {
    return { badge: "A", tooltip: t("Rests on what is not proven"), colour: warning };
  }
  return invariants.length > 0 && invariants.every((one) => one.verdict === "matches" && isProven(one))
    ? { badge: "✓", tooltip: t("Coq has proven every claim"), colour: null }
    : null;
}

function proofBadge({ theorems, debt, compile, stale }: ProofFileReport, t: Translate): Badge | null {
  if (compile.kind === "failed" && !stale) return { badge: "!", tooltip: t("Coq rejects this file"), colour: error };
  if (debt.admitted + debt.axioms > 0) {
    const tooltip = t("Admitted proofs: {0}, axioms: {1}", debt.admitted, debt.axioms);
    return { badge: "A", tooltip, colour: warning };
  }
  if (theorems.some((one) => certaintyOf(one) === "verified" && one.status === "Conditional")) {
    return { badge: "A", tooltip: t("Rests on what is not proven"), colour: warning };
  }
  return theorems.length > 0 && theorems.every(isProven)
    ? { badge: "✓", tooltip: t("Coq has proven every theorem"), colour: null }
    : null;
}
