/** Carries rows of an older file over into a chained ledger: every field kept, nothing made up, nothing twice. */
import type { Ledger, LedgerFinding } from "./read.ts";
import type { ImportedRow } from "./row.ts";

/** What a new row would have to say; an older one may lack any of it. */
const wanted = ["ts", "agent", "seed", "step", "sha", "corpus", "protocol", "gate_status", "prereg"] as const;
/** Names that the chain, or this note, needs for itself. */
const taken = ["hash", "prev", "imported"] as const;

export interface Source {
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly sha256: string;
  readonly ledger: Ledger;
}

export interface ImportPlan {
  /** To be appended, in the order of the file. */
  readonly rows: readonly ImportedRow[];
  /** Rows of the same file that the ledger holds already. */
  readonly present: number;
  /** Lines that are no results, with the reason; they are left out. */
  readonly skipped: readonly LedgerFinding[];
  /** Number of rows to be appended that lack a field, by its name; only those that some row lacks. */
  readonly missing: Readonly<Record<string, number>>;
}

export type ImportFault = "already-chained" | "unreadable";

/** Why a file cannot be imported as a whole; null: it can. */
export function faultOfSource({
  file,
  ledger,
}: Source): { readonly code: ImportFault; readonly message: string } | null {
  if (ledger.chained > 0) {
    return {
      code: "already-chained",
      message: `${file} is a chained ledger already: its rows would lose their chain.`,
    };
  }
  // A result that cannot be read must not go missing without a word.
  const torn = ledger.findings.find(
    ({ code, harmless }) => !harmless && code !== "not-a-row" && code !== "no-line-break",
  );
  return torn === undefined ? null : { code: "unreadable", message: `${file}:${torn.line}: ${torn.message}` };
}

/** @param source without fault */
export function planImport(source: Source, target: Ledger): ImportPlan {
  const { file, sha256, ledger } = source;
  const present = new Set(target.rows.flatMap(({ fields }) => lineOf(fields.imported, sha256)));
  const fresh = ledger.rows.filter(({ line }) => !present.has(line));
  const lacking = (name: (typeof wanted)[number]) =>
    fresh.filter(({ fields, step }) => (name === "step" ? step === null : (fields[name] ?? null) === null)).length;
  const missing = wanted.map((name) => [name, lacking(name)] as const).filter(([, count]) => count > 0);
  return {
    rows: fresh.map(({ fields, bpb, line }) => {
      const isTaken = ([name]: readonly [string, unknown]) => taken.some((one) => one === name);
      const shadowed = Object.fromEntries(Object.entries(fields).filter(isTaken));
      const kept = Object.fromEntries(Object.entries(fields).filter((entry) => !isTaken(entry)));
      const rest = Object.keys(shadowed).length === 0 ? {} : { fields: shadowed };
      return { ...kept, bpb, imported: { file, sha256, line, ...rest } };
    }),
    present: ledger.rows.length - fresh.length,
    skipped: ledger.findings.filter(({ code }) => code === "not-a-row"),
    missing: Object.fromEntries(missing),
  };
}

function lineOf(imported: unknown, sha256: string): number[] {
  if (typeof imported !== "object" || imported === null) return [];
  const { sha256: from, line } = imported as Record<string, unknown>;
  return from === sha256 && typeof line === "number" ? [line] : [];
}
