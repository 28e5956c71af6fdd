/** What a file claims, what Coq says, and whether the two agree. */
import { meansProven } from "../protocol/certainty.ts";
import type { Claim, Mark, ProofStatus, Verdict } from "../protocol/invariant-report.ts";

const claimWords: readonly (readonly [Claim, readonly string[]])[] = [
  ["Proven", ["proven", "proved", "qed", "true"]],
  ["Admitted", ["admitted"]],
  ["open", ["wip", "partial", "todo", "open", "pending", "draft", "planned", "in progress", "false"]],
  ["none", [""]],
];

/** The meaning of a `status` in any case, or of `proof_qed` as text. */
export function claimOf(written: string): Claim {
  const word = written.trim().toLowerCase().replaceAll(/[_-]+/g, " ");
  return claimWords.find(([, words]) => words.includes(word))?.[0] ?? "other";
}

/**
 * | claimed | Proven, ProvenStd | the same, vacuous | Conditional, Admitted | Broken | not known |
 * |---|---|---|---|---|---|
 * | Proven | matches | over-claim | over-claim | broken | unknown |
 * | Admitted | under-claim | matches | matches | broken | unknown |
 * | wip, partial, TODO, nothing, another word | open | open | open | open | open |
 */
export function verdictOf(claim: Claim, status: ProofStatus | null, marks: readonly Mark[]): Verdict {
  if (claim === "open" || claim === "none" || claim === "other") return "open";
  if (status === null) return "unknown";
  if (status === "Broken") return "broken";
  const isProven = meansProven(status, marks);
  if (claim === "Proven") return isProven ? "matches" : "over-claim";
  return isProven ? "under-claim" : "matches";
}
