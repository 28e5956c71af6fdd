/**
 * Tells results from runs that repeat them. A row repeats an earlier one when seed, step, corpus, protocol and code version
 * are the same and time or agent is another; or when its field `reproduces` names that row, by its hash (12 digits at
 * least) or its line, and seed, step, corpus and protocol are the same. The same time and agent twice is a copy: no run.
 */
import { isSameVersion } from "../embargo.ts";
import { corpusOf, isSameCorpus, protocolOf, timeOf } from "./facts.ts";
import type { LedgerRow } from "./row.ts";

export interface RepeatedResult {
  /** The earliest run; of several at one time the one with the highest BPB. */
  readonly result: LedgerRow;
  /** Runs that repeat it, by line. */
  readonly repeats: readonly LedgerRow[];
}

export interface Runs {
  /** By line of the result. */
  readonly results: readonly RepeatedResult[];
  /** Rows that claim to repeat what they cannot, with the reason. */
  readonly strays: readonly { readonly row: LedgerRow; readonly message: string }[];
}

/** Rows in another order give the same runs, as long as `reproduces` names hashes. */
export function runsOf(rows: readonly LedgerRow[]): Runs {
  const found: { result: LedgerRow; repeats: LedgerRow[] }[] = [];
  const strays: { row: LedgerRow; message: string }[] = [];
  for (const row of rows.filter((one) => !claims(one)).sort(byTime)) {
    const same = found.find(
      ({ result, repeats }) => isRepeat(result, row) && [result, ...repeats].every((run) => isOther(run, row)),
    );
    if (same === undefined) found.push({ result: row, repeats: [] });
    else same.repeats.push(row);
  }
  const groups = found.map((group) => ({ group, runs: [group.result, ...group.repeats] }));
  for (const row of rows.filter(claims)) {
    const named = groups.find(({ runs }) => runs.some((run) => isNamed(row, run)))?.group;
    const fault = named === undefined ? "names no result that is judged here" : faultOf(row, named.result);
    if (named === undefined || fault !== null) strays.push({ row, message: `Its field reproduces ${fault}.` });
    else named.repeats.push(row);
  }
  for (const { repeats } of found) repeats.sort((a, b) => a.line - b.line);
  return { results: found.sort((a, b) => a.result.line - b.result.line), strays };
}

const claims = ({ fields: { reproduces } }: LedgerRow): boolean => reproduces !== undefined && reproduces !== null;

const atOf = ({ fields: { ts } }: LedgerRow): number => timeOf(ts) ?? Number.POSITIVE_INFINITY;

function byTime(a: LedgerRow, b: LedgerRow): number {
  const [first, second] = [atOf(a), atOf(b)];
  if (first !== second) return first < second ? -1 : 1;
  const [one, other] = [a.agent ?? "", b.agent ?? ""];
  return b.bpb - a.bpb || (one === other ? 0 : one < other ? -1 : 1);
}

/** What sets the row apart from the result that it names, in words; null: nothing. */
function faultOf(row: LedgerRow, result: LedgerRow): string | null {
  const isSame: readonly (readonly [string, boolean])[] = [
    ["seed", row.seed !== null && row.seed === result.seed],
    ["step", row.step !== null && row.step === result.step],
    ["corpus", isSameCorpus(corpusOf(row), corpusOf(result))],
    ["protocol", protocolOf(row) !== null && protocolOf(row) === protocolOf(result)],
  ];
  const others = isSame.filter(([, same]) => !same).map(([name]) => name);
  return others.length === 0 ? null : `names line ${result.line}, which has another ${others.join(", another ")}`;
}

function isRepeat(result: LedgerRow, row: LedgerRow): boolean {
  const isSameCode = result.sha !== null && row.sha !== null && isSameVersion(result.sha, row.sha);
  return isSameCode && timeOf(row.fields.ts) !== null && faultOf(row, result) === null;
}

const isOther = (a: LedgerRow, b: LedgerRow): boolean => atOf(a) !== atOf(b) || a.agent !== b.agent;

function isNamed({ fields: { reproduces } }: LedgerRow, { line, fields: { hash } }: LedgerRow): boolean {
  if (typeof reproduces === "number") return reproduces === line;
  if (typeof reproduces !== "string" || reproduces.length < 12 || typeof hash !== "string") return false;
  return hash.startsWith(reproduces.toLowerCase());
}
