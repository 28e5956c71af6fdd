/**
 * The falsification suite: gates are tried on inputs of which it is known whether they are sound. It fails when a gate
 * misses a planted violation, catches it for another reason, raises an alarm at a clean input, or was not tried at all.
 */
import type { NamedGate } from "../gates/all.ts";
import { type Gate, type GateVerdict, isAlarm } from "../gates/gate.ts";

export interface SuiteCase {
  readonly gate: string;
  readonly kind: "plant" | "clean";
  readonly title: string;
  /** What the reason of a caught plant must say: an alarm for want of evidence has caught nothing. */
  readonly because: RegExp | null;
  readonly run: () => Promise<GateVerdict>;
}

export interface SuiteRow {
  readonly gate: string;
  readonly kind: SuiteCase["kind"];
  readonly title: string;
  /** A plant was caught, a clean input raised no alarm. */
  readonly ok: boolean;
  readonly verdict: GateVerdict["verdict"] | "error";
  readonly reason: string;
  readonly measured: number | null;
  readonly bound: number | null;
}

export interface SuiteReport {
  readonly ok: boolean;
  readonly rows: readonly SuiteRow[];
  readonly plants: number;
  readonly missed: number;
  readonly clean: number;
  readonly falseAlarms: number;
  /** What was not tried. */
  readonly gaps: readonly string[];
}

/** @param input made by real code; what it throws fails the case */
export function plant<Input>(
  gate: Gate<Input>,
  title: string,
  because: RegExp,
  input: () => Input | Promise<Input>,
): SuiteCase {
  return { gate: gate.id, kind: "plant", title, because, run: async () => gate.check(await input()) };
}

export function clean<Input>(gate: Gate<Input>, title: string, input: () => Input | Promise<Input>): SuiteCase {
  return { gate: gate.id, kind: "clean", title, because: null, run: async () => gate.check(await input()) };
}

export const leastClean = 20;

/** @param onRow called after each case */
export async function runSuite(
  gates: readonly NamedGate[],
  cases: readonly SuiteCase[],
  onRow: (row: SuiteRow) => void = () => {},
): Promise<SuiteReport> {
  const rows: SuiteRow[] = [];
  for (const one of cases) {
    const row = await runCase(one);
    rows.push(row);
    onRow(row);
  }
  const of = (kind: SuiteCase["kind"]) => rows.filter((row) => row.kind === kind);
  const failed = (kind: SuiteCase["kind"]) => of(kind).filter(({ ok }) => !ok).length;
  const gaps = gapsOf(gates, cases);
  return {
    ok: gaps.length === 0 && rows.every(({ ok }) => ok),
    rows,
    plants: of("plant").length,
    missed: failed("plant"),
    clean: of("clean").length,
    falseAlarms: failed("clean"),
    gaps,
  };
}

async function runCase({ gate, kind, title, because, run }: SuiteCase): Promise<SuiteRow> {
  try {
    const found = await run();
    // Not applicable is no answer to either question.
    const isRight =
      kind === "plant" ? isAlarm(found) && because?.test(found.reason) === true : found.verdict === "pass";
    const { verdict, reason, measured, bound } = found;
    return { gate, kind, title, ok: found.gate === gate && isRight, verdict, reason, measured, bound };
  } catch (error) {
    const reason = `The case could not be made: ${error instanceof Error ? error.message : String(error)}`;
    return { gate, kind, title, ok: false, verdict: "error", reason, measured: null, bound: null };
  }
}

function gapsOf(gates: readonly NamedGate[], cases: readonly SuiteCase[]): string[] {
  const untried = gates.flatMap(({ id }) =>
    (["plant", "clean"] as const).flatMap((kind) =>
      cases.some((one) => one.gate === id && one.kind === kind)
        ? []
        : [`Gate ${id} has no ${kind === "plant" ? "planted violation" : "clean input"}.`],
    ),
  );
  const known = new Set(gates.map(({ id }) => id));
  const strange = cases.filter(({ gate }) => !known.has(gate)).map(({ gate }) => `No gate is called ${gate}.`);
  const count = cases.filter(({ kind }) => kind === "clean").length;
  const few = count < leastClean ? [`There are ${count} clean inputs; at least ${leastClean} are needed.`] : [];
  return [...untried, ...strange, ...few];
}
