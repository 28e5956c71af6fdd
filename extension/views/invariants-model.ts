/** Rows of the invariants view, from reports: claim and truth side by side, worst first. Pure. */
import { certaintyOf, isVacuous, meansProven } from "../../daemon/protocol/certainty.ts";
import type {
  AssertionFileReport,
  FolderReport,
  InvariantReport,
  Place,
  ProofFileReport,
  ProofStatus,
  Verdict,
} from "../../daemon/protocol/invariant-report.ts";
import type { Translate } from "../translate.ts";

/** A codicon and a theme colour. */
export interface Icon {
  readonly id: string;
  readonly colour: string | null;
}

interface Row {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: Icon;
}

export interface GroupRow extends Row {
  readonly kind: "group";
  readonly isOpen: boolean;
  readonly rows: readonly InvariantRow[];
}
export interface ClaimRow extends Row {
  readonly kind: "claim";
  readonly folder: string;
  readonly invariant: InvariantReport;
}
export interface ProofRow extends Row {
  readonly kind: "proof";
  readonly folder: string;
  readonly file: ProofFileReport;
}
export interface BudgetRow extends Row {
  readonly kind: "budget";
  readonly folder: string;
  readonly file: AssertionFileReport;
}
export type InvariantRow = GroupRow | ClaimRow | ProofRow | BudgetRow;

const verified: Readonly<Record<ProofStatus, Icon>> = {
  Proven: { id: "pass-filled", colour: "testing.iconPassed" },
  ProvenStd: { id: "pass-filled", colour: "testing.iconPassed" },
  Conditional: { id: "color-mode", colour: "list.warningForeground" },
  Admitted: { id: "warning", colour: "list.warningForeground" },
  Broken: { id: "error", colour: "list.errorForeground" },
};

/** Coq has said of the present text that it is proven, and what it says is something. */
export function isProven(one: Pick<InvariantReport, "status" | "marks" | "evidence">): boolean {
  return certaintyOf(one) === "verified" && meansProven(one.status, one.marks);
}

/** Filled only for what Coq said of the present text; pending, stale and read never look like it. */
export function truthIcon(one: Pick<InvariantReport, "status" | "marks" | "evidence">): Icon {
  const certainty = certaintyOf(one);
  if (certainty === "pending") return { id: "loading~spin", colour: null };
  if (certainty === "stale") return { id: "history", colour: "descriptionForeground" };
  if (certainty === "read" || one.status === null) {
    const isBad = one.status === "Broken" || one.status === "Admitted";
    return { id: "circle-outline", colour: isBad ? "list.warningForeground" : "descriptionForeground" };
  }
  return isVacuous(one.marks) ? { id: "question", colour: "list.warningForeground" } : verified[one.status];
}

const order: readonly Verdict[] = ["over-claim", "broken", "unknown", "under-claim", "open", "matches"];

const verdictIcons: Readonly<Record<Verdict, Icon>> = {
  "over-claim": { id: "error", colour: "list.errorForeground" },
  broken: { id: "error", colour: "list.errorForeground" },
  unknown: { id: "question", colour: "descriptionForeground" },
  "under-claim": { id: "arrow-up", colour: "descriptionForeground" },
  open: { id: "circle-large-outline", colour: "descriptionForeground" },
  matches: { id: "check", colour: "descriptionForeground" },
};

export function verdictLabel(verdict: Verdict, t: Translate): string {
  switch (verdict) {
    case "over-claim":
      return t("Claims more than Coq says");
    case "broken":
      return t("Cites what is broken");
    case "unknown":
      return t("Not checked yet");
    case "under-claim":
      return t("Better than claimed");
    case "open":
      return t("Nothing claimed yet");
    case "matches":
      return t("As claimed");
  }
}

export function statusLabel(status: ProofStatus | null, t: Translate): string {
  switch (status) {
    case null:
      return t("not known");
    case "Proven":
      return t("Proven");
    case "ProvenStd":
      return t("Proven (standard axioms)");
    case "Conditional":
      return t("Conditional");
    case "Admitted":
      return t("Admitted");
    case "Broken":
      return t("Broken");
  }
}

export function buildRows(reports: readonly FolderReport[], t: Translate): readonly GroupRow[] {
  const claims = reports.flatMap(({ folder, assertionFiles }) =>
    assertionFiles.flatMap(({ invariants }) => invariants.map((invariant) => claimRow(folder, invariant, t))),
  );
  const groups = order.flatMap((verdict): GroupRow[] => {
    const rows = claims.filter(({ invariant }) => invariant.verdict === verdict);
    return rows.length === 0 ? [] : [group(verdict, verdictLabel(verdict, t), verdictIcons[verdict], true, rows)];
  });
  const proofs = reports.flatMap(({ folder, proofFiles }) => proofFiles.map((file) => proofRow(folder, file, t)));
  const budgets = reports.flatMap(({ folder, assertionFiles }) =>
    assertionFiles.flatMap((file) => budgetRow(folder, file, t)),
  );
  return [
    ...groups,
    ...(budgets.length === 0 ? [] : [group("budget", t("Budget"), { id: "law", colour: null }, true, budgets)]),
    ...(proofs.length === 0 ? [] : [group("proofs", t("Proof files"), { id: "files", colour: null }, false, proofs)]),
  ];
}

function group(id: string, label: string, icon: Icon, isOpen: boolean, rows: readonly InvariantRow[]): GroupRow {
  return { kind: "group", id: `group:${id}`, label, description: String(rows.length), icon, isOpen, rows };
}

const at = ({ path, range }: Place): string => `${path}:${range.start.line}:${range.start.character}`;

function claimRow(folder: string, invariant: InvariantReport, t: Translate): ClaimRow {
  const { id, name, claimText, status, place } = invariant;
  const claimed = claimText === "" ? t("no claim") : claimText;
  const doubt = isVacuous(invariant.marks) ? `, ${t("says little")}` : "";
  return {
    kind: "claim",
    id: `claim:${folder}:${at(place)}`,
    folder,
    invariant,
    // Claim and truth first: a narrow side bar cuts the end off.
    label: id,
    description: `${claimed} → ${statusLabel(status, t)}${doubt}${name === "" ? "" : ` · ${name}`}`,
    icon: truthIcon(invariant),
  };
}

function proofRow(folder: string, file: ProofFileReport, t: Translate): ProofRow {
  const { path, debt, compile, stale } = file;
  const debts = [
    debt.admitted > 0 ? t("admitted: {0}", debt.admitted) : "",
    debt.axioms > 0 ? t("axioms: {0}", debt.axioms) : "",
    debt.emptyAxioms > 0 ? t("empty: {0}", debt.emptyAxioms) : "",
    debt.unusedAxioms !== null && debt.unusedAxioms > 0 ? t("unused: {0}", debt.unusedAxioms) : "",
  ].filter((part) => part !== "");
  const state = stale
    ? t("changed since the check")
    : compile.kind === "compiled"
      ? t("compiles")
      : compile.kind === "failed"
        ? t("does not compile")
        : compile.reason === "pending"
          ? t("Coq is checking")
          : t("not checked");
  return {
    kind: "proof",
    id: `proof:${folder}:${path}`,
    folder,
    file,
    label: path,
    description: [state, ...debts].join(", "),
    icon: proofIcon(file),
  };
}

/** A file that compiles may still rest on what another one leaves open. */
function proofIcon({ compile, stale, debt, theorems }: ProofFileReport): Icon {
  if (compile.kind === "unchecked") {
    return compile.reason === "pending"
      ? { id: "loading~spin", colour: null }
      : { id: "circle-outline", colour: "descriptionForeground" };
  }
  if (stale) return { id: "history", colour: "descriptionForeground" };
  if (compile.kind === "failed") return verified.Broken;
  if (debt.admitted + debt.axioms > 0) return verified.Admitted;
  if (theorems.some(({ status }) => status === "Conditional" || status === "Admitted")) return verified.Conditional;
  const isAllProven = theorems.length > 0 && theorems.every(isProven);
  return isAllProven ? verified.Proven : { id: "check", colour: "descriptionForeground" };
}

function budgetRow(folder: string, file: AssertionFileReport, t: Translate): BudgetRow[] {
  if (file.budget === null) return [];
  const { max, counted } = file.budget;
  const isOver = max !== null && counted > max;
  const description = max === null ? t("assumed {0}", counted) : t("assumed {0} of {1}", counted, max);
  const icon = isOver ? verified.Broken : { id: "law", colour: null };
  return [{ kind: "budget", id: `budget:${folder}:${file.path}`, folder, file, label: file.path, description, icon }];
}
