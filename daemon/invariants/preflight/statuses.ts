/** What is known about the theorems behind findings, and whether it is enough for a race that asks for proofs. */
import type { GuardFinding } from "../../protocol/guards.ts";
import type { InvariantReport, Mark } from "../../protocol/invariant-report.ts";
import { isSamePlace } from "../places.ts";

/** Findings with the status of each theorem as the report of the same file knows it. */
export function withStatuses(
  findings: readonly GuardFinding[],
  invariants: readonly InvariantReport[],
): readonly GuardFinding[] {
  return findings.map((finding) => {
    const { theorem } = finding;
    const status = reportOf(finding, invariants)?.status ?? null;
    return theorem === null ? finding : { ...finding, theorem: { ...theorem, status } };
  });
}

/** One sentence for each entry that guards the race and that Coq does not confirm; empty when it confirms them all. */
export function unproven(findings: readonly GuardFinding[], invariants: readonly InvariantReport[]): string[] {
  return findings.flatMap((finding) => {
    if (finding.outcome === "not-applicable") return [];
    const why = whyUnproven(finding, reportOf(finding, invariants));
    return why === null ? [] : [`${finding.id}: ${why}`];
  });
}

function whyUnproven({ theorem }: GuardFinding, report: InvariantReport | undefined): string | null {
  if (theorem === null) return "no theorem stands behind it.";
  const name = theorem.path === null ? theorem.name : `${theorem.name} in ${theorem.path}`;
  const mark = report?.marks.find(weakens);
  if (mark?.kind === "vacuous") return `${name} says nothing: ${mark.note}`;
  if (mark?.kind === "stale") return `${name} has changed since it was checked.`;
  if (mark?.kind === "unknown") return `${name} was not checked (${mark.reason}).`;
  if (report === undefined || report.status === null) return `${name} was not checked.`;
  return report.status === "Proven" || report.status === "ProvenStd" ? null : `${name} is ${report.status}.`;
}

/** A closed computation is a real proof, of one instance. */
function weakens(mark: Mark): boolean {
  return mark.kind !== "vacuous" || mark.reason !== "closed-computation";
}

function reportOf({ place }: GuardFinding, invariants: readonly InvariantReport[]): InvariantReport | undefined {
  return invariants.find((one) => isSamePlace(one.place, place));
}
