/** What a row says about where it comes from, in one form for rows of any age. */
import type { LedgerRow } from "./row.ts";

/** Hash of the row's corpus: the last word of `name hash`, lower case; null: it names none. */
export function corpusOf({ fields: { corpus } }: LedgerRow): string | null {
  return typeof corpus === "string" ? (/(?:^|\s)([0-9a-f]{12,64})$/i.exec(corpus)?.[1]?.toLowerCase() ?? null) : null;
}

/** Short and long forms of one hash are the same corpus; what is not known is none. */
export function isSameCorpus(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && (a.startsWith(b) || b.startsWith(a));
}

export function protocolOf({ fields: { protocol } }: LedgerRow): string | null {
  return typeof protocol === "string" && protocol !== "" ? protocol : null;
}

/** Milliseconds since 1970; null: this is no time. */
export function timeOf(text: unknown): number | null {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isFinite(time) ? time : null;
}
