/** How far what is known of a theorem can be relied on. Daemon, editor and command line ask here, so that they never disagree. */
import type { Evidence, Mark, ProofStatus, Verdict } from "./invariant-report.ts";

/** These never look alike. */
export type Certainty = "verified" | "stale" | "pending" | "read";

export function certaintyOf({
  marks,
  evidence,
}: {
  readonly marks: readonly Mark[];
  readonly evidence: Evidence;
}): Certainty {
  if (marks.some((mark) => mark.kind === "unknown" && mark.reason === "pending")) return "pending";
  if (marks.some(({ kind }) => kind === "stale")) return "stale";
  return evidence.level === "text" ? "read" : "verified";
}

/** A closed computation is a legitimate witness; every other mark of this kind says that the statement is empty. */
export function isVacuous(marks: readonly Mark[]): boolean {
  return marks.some((mark) => mark.kind === "vacuous" && mark.reason !== "closed-computation");
}

/** Proven, and what is proven says something. Whether it was the present text that was checked is another question. */
export function meansProven(status: ProofStatus | null, marks: readonly Mark[]): boolean {
  return (status === "Proven" || status === "ProvenStd") && !isVacuous(marks);
}

/** What the heuristics found about a statement. */
export function vacuityNotes(marks: readonly Mark[]): string[] {
  return marks.flatMap((mark) => (mark.kind === "vacuous" ? [mark.note] : []));
}

/** A claim that Coq contradicts: what makes `igla invariants check` fail. */
export function isOverClaim(verdict: Verdict): boolean {
  return verdict === "over-claim" || verdict === "broken";
}
