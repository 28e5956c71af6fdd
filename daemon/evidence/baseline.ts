/** Whether the results of a baseline can be compared with those of a candidate. */
import { corpusOf, isSameCorpus, protocolOf } from "./ledger/facts.ts";
import type { LedgerRow } from "./ledger/row.ts";

export interface BaselineFault {
  /** Of the baseline's ledger, from 1. */
  readonly line: number;
  readonly message: string;
}

/** What the baseline has to be about. */
export interface Comparable {
  /** Hash; null: the candidate names none. */
  readonly corpus: string | null;
  readonly protocol: string | null;
}

/**
 * The first row that is about another corpus, protocol or number of steps; null: none. What is not named is not known to be
 * the same. A seed that both have was trained equally long; the steps of all others are among those of the candidate.
 */
export function faultOfBaseline(
  baseline: readonly LedgerRow[],
  rows: readonly LedgerRow[],
  { corpus, protocol }: Comparable,
): BaselineFault | null {
  if (rows.length === 0) return null;
  for (const row of baseline) {
    const ours = corpusOf(row);
    const same = rows.filter(({ seed }) => seed !== null && seed === row.seed);
    const steps = [...new Set((same.length > 0 ? same : rows).map(({ step }) => step))];
    const fault = !isSameCorpus(ours, corpus)
      ? `The corpus of the baseline is ${ours ?? "not named"}, that of the results ${corpus ?? "not named"}`
      : protocol === null || protocolOf(row) !== protocol
        ? `The protocol of the baseline is ${protocolOf(row) ?? "not named"}, that of the results ${protocol ?? "not named"}`
        : row.step === null || !steps.includes(row.step)
          ? `The step of the baseline is ${row.step ?? "not stated"}, that of the results ${steps.map((step) => step ?? "not stated").join(" or ")}`
          : null;
    if (fault !== null) return { line: row.line, message: `${fault}: they cannot be compared.` };
  }
  return null;
}
