/** The rows of a ledger, best first. What a gate would not take is marked, never left out. */
import { type Embargo, isEmbargoed } from "../embargo.ts";
import { artefactBpb, plausibleBpb } from "../victory.ts";
import { corpusOf, protocolOf } from "./facts.ts";
import type { Ledger } from "./read.ts";
import type { LedgerRow } from "./row.ts";
import { runsOf } from "./runs.ts";

export interface BoardRow {
  readonly line: number;
  readonly bpb: number;
  readonly seed: number | null;
  readonly step: number | null;
  readonly sha: string | null;
  readonly agent: string | null;
  /** Hash; numbers of different corpora or protocols say nothing about each other. */
  readonly corpus: string | null;
  readonly protocol: string | null;
  /** Line of the result that this run repeats; null: it is a result itself. */
  readonly repeats: number | null;
  /** Why a gate would not take the row; empty: nothing is known against it. */
  readonly marks: readonly string[];
}

export interface Board {
  /** By BPB ascending, of equal ones by line. */
  readonly rows: readonly BoardRow[];
  /** Rows before the warm-up: they are not on the board. */
  readonly beforeWarmup: number;
}

/** @param warmup steps; a row that states no step is on the board, marked */
export function boardOf(ledger: Ledger, warmup: number, embargo: Embargo): Board {
  const shown = ledger.rows.filter(({ step }) => step === null || step >= warmup);
  const { results, strays } = runsOf(shown);
  const repeated = new Map(results.flatMap(({ result, repeats }) => repeats.map((row) => [row.line, result.line])));
  const copies = copiesOf(results.map(({ result }) => result));
  const marksOf = (row: LedgerRow): string[] => [
    ...ledger.findings.filter(({ line, harmless }) => line === row.line && !harmless).map(({ message }) => message),
    ...missingIn(row),
    ...strays.filter((stray) => stray.row === row).map(({ message }) => message),
    ...(copies.has(row.line) ? [`The row is a copy of line ${copies.get(row.line)}.`] : []),
    ...boundsOf(row),
    ...(row.sha !== null && isEmbargoed(embargo, row.sha) ? [`Code version ${row.sha} is under embargo.`] : []),
  ];
  const rows = shown
    .map((row) => {
      const { line, bpb, seed, step, sha, agent } = row;
      const from = { corpus: corpusOf(row), protocol: protocolOf(row) };
      return { line, bpb, seed, step, sha, agent, ...from, repeats: repeated.get(line) ?? null, marks: marksOf(row) };
    })
    .sort((a, b) => a.bpb - b.bpb || a.line - b.line);
  return { rows, beforeWarmup: ledger.rows.length - shown.length };
}

function missingIn({ seed, step, sha }: LedgerRow): string[] {
  const missing = Object.entries({ seed, step, sha }).flatMap(([name, value]) => (value === null ? [name] : []));
  return missing.length === 0 ? [] : [`The row has no ${missing.join(", no ")}; it proves nothing.`];
}

function boundsOf({ bpb }: LedgerRow): string[] {
  if (bpb < artefactBpb) return [`${bpb} BPB is an artefact of a proxy.`];
  const { low, high } = plausibleBpb;
  return bpb < low || bpb > high ? [`A person has to look: ${bpb} BPB is outside of ${low} to ${high}.`] : [];
}

/** Results of one seed, step, corpus, protocol, code version, registration, time and agent: the first stands, the others are copies. */
function copiesOf(results: readonly LedgerRow[]): ReadonlyMap<number, number> {
  const first = new Map<string, number>();
  const copies = new Map<number, number>();
  for (const { line, seed, step, sha, agent, fields } of results) {
    const { ts = null, prereg = null, corpus = null, protocol = null } = fields;
    if (ts === null) continue;
    const key = JSON.stringify([seed, step, sha, agent, ts, prereg, corpus, protocol]);
    const twin = first.get(key);
    if (twin === undefined) first.set(key, line);
    else copies.set(line, twin);
  }
  return copies;
}
