/** What is to be said about one `.v` file: does it compile, what does it owe, what are its theorems worth. */
import type {
  CompileState,
  Evidence,
  Place,
  ProofFileReport,
  Reason,
  TheoremReport,
} from "../../protocol/invariant-report.ts";
import { isInvariantCode } from "../codes.ts";
import type { ProofFacts } from "../facts.ts";
import type { Folder } from "../folder.ts";
import type { CoqScan, ScannedDeclaration } from "../model.ts";
import { baseName } from "../paths.ts";
import { statementOf } from "../statement.ts";
import { evidenceOf, isStale, isTheorem, textEvidence } from "../status.ts";
import { reason } from "./reason.ts";

/** @param usedBy ids of the invariants that cite a declaration */
export function judgeProofFile(
  scan: CoqScan,
  folder: Folder,
  usedBy: (declaration: ScannedDeclaration) => readonly string[],
): ProofFileReport {
  const { facts: allFacts, sources } = folder.input;
  const facts = allFacts.get(scan.path);
  const sha256 = sources.get(scan.path);
  const stale = facts !== undefined && isStale(facts, sources);
  const evidence: Evidence = facts === undefined ? textEvidence(sha256) : evidenceOf(facts);
  const theorems = scan.declarations
    .filter((one) => isTheorem(one) && one.reading !== "aborted")
    .map((one) => theoremReport(scan, one, folder, usedBy(one)));
  return {
    path: scan.path,
    compile: compileState(scan.path, facts, folder),
    stale,
    debt: {
      axioms: scan.axiomCount,
      admitted: scan.admittedCount,
      unusedAxioms: unusedAxioms(scan, folder)?.length ?? null,
      emptyAxioms: scan.emptyAxiomCount,
    },
    evidence,
    theorems,
    reasons: [...textReasons(scan), ...(stale ? [] : factReasons(scan, facts)), ...axiomReasons(scan, folder)],
  };
}

function theoremReport(
  scan: CoqScan,
  declaration: ScannedDeclaration,
  folder: Folder,
  usedBy: readonly string[],
): TheoremReport {
  const { name, keyword, range, reading } = declaration;
  const statement = statementOf(scan, declaration);
  const place = { path: scan.path, range };
  return { path: scan.path, name, keyword, place, statement, reading, usedBy, ...folder.status(scan, declaration) };
}

function compileState(path: string, facts: ProofFacts | undefined, folder: Folder): CompileState {
  if (facts === undefined) return { kind: "unchecked", reason: folder.input.unknownBecause(path) };
  const { outcome } = facts;
  if (outcome.kind === "compiled") return { kind: "compiled" };
  if (outcome.kind === "failed") {
    return { kind: "failed", message: outcome.message, acceptedUpToLine: outcome.acceptedUpToLine };
  }
  if (outcome.kind === "dependency") {
    return { kind: "failed", message: `${outcome.path} does not compile`, acceptedUpToLine: null };
  }
  return { kind: "unchecked", reason: outcome.kind === "held-up" ? outcome.because : outcome.kind };
}

function textReasons(scan: CoqScan): Reason[] {
  return scan.problems.flatMap(({ code, message, range }) =>
    isInvariantCode(code) ? [reason(code, message, { path: scan.path, range })] : [],
  );
}

const fileStart = (path: string): Place => ({
  path,
  range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
});

function factReasons(scan: CoqScan, facts: ProofFacts | undefined): Reason[] {
  if (facts === undefined) return [];
  const { outcome, trustFlags } = facts;
  const top = fileStart(scan.path);
  const flags = trustFlags.length === 0 ? [] : [reason("weakened-checks", `Flags: ${trustFlags.join(", ")}.`, top)];
  if (outcome.kind === "failed") {
    const upTo =
      outcome.acceptedUpToLine === null ? "" : ` Coq accepted the file up to line ${outcome.acceptedUpToLine}.`;
    return [...flags, reason("does-not-compile", `${outcome.message}${upTo}`, outcome.place ?? top)];
  }
  if (outcome.kind === "dependency") {
    return [...flags, reason("does-not-compile", `${outcome.path}, which this file needs, does not compile.`, top)];
  }
  if (outcome.kind === "refused") {
    return [...flags, reason("refused", `Not run: ${outcome.sentence} ${outcome.why}`, outcome.place)];
  }
  if (outcome.kind === "timeout") {
    const what = outcome.during === "build" ? "Compiling" : "Asking";
    const message = `${what} took longer than ${outcome.limitMs / 1000} s and was stopped. The status is not known.`;
    return [...flags, reason("unchecked", message, top, { severity: "warning" })];
  }
  if (outcome.kind === "crashed") {
    return [...flags, reason("unchecked", `The prover failed: ${outcome.detail}`, top, { severity: "warning" })];
  }
  if (outcome.kind === "held-up") {
    const message = `${outcome.path}, which this file needs, could not be checked (${heldUpWords[outcome.because]}). The status is not known.`;
    return [...flags, reason("unchecked", message, top, { severity: "warning" })];
  }
  return [...flags, ...deepReasons(facts, top)];
}

const heldUpWords = { timeout: "it took too long", refused: "it was not run", crashed: "the prover failed" } as const;

function deepReasons({ deepCheck }: ProofFacts, at: Place): Reason[] {
  if (deepCheck === null || deepCheck.verdict === "accepted") return [];
  if (deepCheck.verdict === "rejected") {
    return [reason("deep-check-failed", `coqchk rejects the compiled file: ${deepCheck.detail}`, at)];
  }
  const message = `The deep check gave no answer: ${deepCheck.detail}. What is shown is what coqc says.`;
  return [reason("unchecked", message, at, { severity: "warning" })];
}

function axiomReasons(scan: CoqScan, folder: Folder): Reason[] {
  const empty = scan.declarations.filter(({ postulates, statement }) => postulates && /^\(*True\)*$/.test(statement));
  const unused = unusedAxioms(scan, folder) ?? [];
  return [
    ...empty.map(({ name, range }) =>
      reason("empty-axiom", `${name} has the type True: it postulates nothing.`, { path: scan.path, range }),
    ),
    ...unused.map(({ name, range }) =>
      reason("unused-axiom", `No checked theorem rests on ${name}.`, { path: scan.path, range }),
    ),
  ];
}

/** Null while not every file of the folder has been checked. */
function unusedAxioms(scan: CoqScan, folder: Folder): ScannedDeclaration[] | null {
  const axioms = scan.declarations.filter(({ postulates }) => postulates);
  if (axioms.length === 0) return [];
  const used = folder.usedAxioms();
  return used && axioms.filter(({ name }) => !used.has(`${scan.path}#${name}`));
}

/** Files of one name and different content. */
export function sameNames(scans: readonly CoqScan[], sources: ReadonlyMap<string, string>): Map<string, Reason> {
  const byName = new Map<string, CoqScan[]>();
  for (const scan of scans) {
    const name = baseName(scan.path);
    byName.set(name, [...(byName.get(name) ?? []), scan]);
  }
  const found = new Map<string, Reason>();
  for (const same of byName.values()) {
    if (new Set(same.map(({ path }) => sources.get(path))).size < 2) continue;
    for (const { path } of same) {
      const others = same.filter((other) => other.path !== path).map((other) => other.path);
      const related = others.map((other) => ({ message: "the other one", place: fileStart(other) }));
      const message = `${others.join(", ")} has the same name and different content.`;
      found.set(path, reason("same-basename", message, fileStart(path), { related }));
    }
  }
  return found;
}
