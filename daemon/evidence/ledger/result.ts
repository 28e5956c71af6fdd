/** Rows of a ledger as results that the victory predicate can judge. */
import type { ResultRow } from "../victory.ts";
import type { LedgerRow } from "./row.ts";

/** What is missing stays missing: a seed or a step that is no number and an empty version satisfy no rule. */
export function resultOf({ seed, bpb, step, sha }: LedgerRow): ResultRow {
  return { seed: seed ?? Number.NaN, bpb, step: step ?? Number.NaN, sha: sha ?? "" };
}
