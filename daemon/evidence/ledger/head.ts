/** The file beside a ledger with the number of its chained rows: without it nobody could tell that the last ones were cut off. */
import type { Ledger, LedgerFinding } from "./read.ts";

export const headOf = (path: string) => `${path}.head`;

/** @param text empty: the file is not there @returns null: it names no number */
export function headCount(text: string): number | null {
  return /^\d{1,15}\n$/.test(text) ? Number(text) : null;
}

/** The ledger with what is wrong about the file beside it. @param path of the ledger @param text of that file */
export function withHead(ledger: Ledger, path: string, text: string): Ledger {
  if (headCount(text) !== null || (text === "" && ledger.chained === 0)) return ledger;
  const what =
    text === ""
      ? `${headOf(path)} is not there: rows cut off at the end cannot be noticed.`
      : `${headOf(path)} holds no count: restore it, or remove it when the ledger is known to be whole.`;
  const finding: LedgerFinding = { code: "unknown-count", line: 1, message: what, harmless: text === "" };
  return { ...ledger, findings: [finding, ...ledger.findings] };
}
