/** The status of one theorem: the worst that applies, from what Coq said, and from the text where Coq was not asked. */
import type {
  Assumption,
  Evidence,
  Mark,
  Place,
  ProofStatus,
  Reading,
  UnknownReason,
} from "../protocol/invariant-report.ts";
import type { FactOutcome, ProofFacts, TheoremFacts } from "./facts.ts";
import type { CoqScan, ScannedDeclaration } from "./model.ts";

export interface StatusResult {
  readonly status: ProofStatus | null;
  readonly marks: readonly Mark[];
  readonly assumptions: readonly Assumption[];
  readonly evidence: Evidence;
  readonly qualifiedName: string | null;
}

export interface StatusInput {
  readonly scan: CoqScan;
  readonly declaration: ScannedDeclaration;
  readonly facts: ProofFacts | undefined;
  /** SHA-256 of the present bytes of each proof file, by path. */
  readonly sources: ReadonlyMap<string, string>;
  /** Why there are no facts about a file, where there are none. */
  readonly unknownBecause: (path: string) => UnknownReason;
  readonly placeOf: (path: string, name: string) => Place | null;
}

/** The file, or one that it needs, is not what was checked any more. What is gone differs, too. */
export function isStale(
  { path, sourceSha256, needs }: Pick<ProofFacts, "path" | "sourceSha256" | "needs">,
  sources: ReadonlyMap<string, string>,
): boolean {
  return sources.get(path) !== sourceSha256 || needs.some((need) => sources.get(need.path) !== need.sha256);
}

/** Neither a proof nor an axiom: cited as a theorem it is a mistake. */
export function isTheorem({ reading }: Pick<ScannedDeclaration, "reading">): boolean {
  return reading !== "definition";
}

/** `M.N.name`, as the query names it. Sections leave no trace in a name, so both spellings are tried. */
export function factsOf(
  facts: ProofFacts,
  { name, scope }: ScannedDeclaration,
  isOnlyOne: boolean,
): TheoremFacts | undefined {
  const full = [...scope, name].join(".");
  // Any name may be a theorem's, those that every object has (`constructor`) as well.
  const own = (key: string) => (Object.hasOwn(facts.theorems, key) ? facts.theorems[key] : undefined);
  const exact = own(full);
  // Another declaration of that name may be the one that was asked about.
  if (exact !== undefined || !isOnlyOne) return exact;
  const plain = own(name);
  if (plain !== undefined) return plain;
  const key = Object.keys(facts.theorems).find(
    (one) => one.endsWith(`.${name}`) && isSubsequence(one.split("."), full.split(".")),
  );
  return key === undefined ? undefined : own(key);
}

function isOnlyOne({ declarations }: CoqScan, { name }: ScannedDeclaration): boolean {
  return declarations.filter((one) => one.name === name && one.reading !== "aborted").length === 1;
}

/** Whether the parts stand in the longer list in their order, with others between them or not. */
export function isSubsequence(short: readonly string[], long: readonly string[]): boolean {
  let at = 0;
  for (const part of long) if (part === short[at]) at += 1;
  return at === short.length;
}

export function textEvidence(sha256: string | undefined): Evidence {
  return { level: "text", prover: null, sourceSha256: sha256 ?? null, elapsedMs: null, checkedAt: null };
}

export function evidenceOf(facts: ProofFacts): Evidence {
  const { prover, sourceSha256, elapsedMs, checkedAt, deepCheck } = facts;
  const level = deepCheck?.verdict === "accepted" ? "coqchk" : "coqc";
  return { level, prover, sourceSha256, elapsedMs, checkedAt };
}

export function statusOf(input: StatusInput): StatusResult {
  const { scan, declaration, facts, sources } = input;
  const sha256 = sources.get(scan.path);
  const unknownBecause = input.unknownBecause(scan.path);
  const byText = textStatus(declaration.reading);
  if (facts === undefined) return textual(byText, sha256, [{ kind: "unknown", reason: unknownBecause }]);
  const unknown = unknownOutcome(facts.outcome);
  if (unknown !== null) return textual(byText, sha256, [{ kind: "unknown", reason: unknown }]);
  const hasChanged = isStale(facts, sources);
  const stale: Mark[] = hasChanged ? [{ kind: "stale" }] : [];
  const evidence = evidenceOf(facts);
  if (facts.outcome.kind !== "compiled") {
    // What was changed after it failed to compile may be whole again.
    if (hasChanged) return textual(byText, sha256, [...stale, { kind: "unknown", reason: unknownBecause }]);
    return { status: "Broken", marks: [], assumptions: [], evidence, qualifiedName: null };
  }
  // Two checkers that contradict each other prove nothing.
  if (facts.deepCheck?.verdict === "rejected" && !hasChanged) {
    return { status: "Broken", marks: [], assumptions: [], evidence, qualifiedName: null };
  }
  const known = factsOf(facts, declaration, isOnlyOne(input.scan, declaration));
  if (known === undefined) {
    const reason = hasChanged ? unknownBecause : "no-answer";
    return textual(byText, sha256, [...stale, { kind: "unknown", reason }]);
  }
  const assumptions = known.assumptions.map(({ qualifiedName, type, kind, declaredIn }) => ({
    name: qualifiedName,
    type,
    kind,
    place: declaredIn === null ? null : input.placeOf(declaredIn.path, declaredIn.name),
  }));
  const checked = checkedStatus(known);
  const vacuity: Mark[] = known.vacuity.map(({ reason, note }) => ({ kind: "vacuous", reason, note }));
  return {
    // A text that admits is never better than that: not before it is checked again, and not by another's facts.
    status: hasChanged || byText === "Admitted" ? worse(byText, checked) : checked,
    marks: [...stale, ...vacuity],
    assumptions,
    evidence,
    qualifiedName: known.qualifiedName,
  };
}

const order: readonly ProofStatus[] = ["Broken", "Admitted", "Conditional", "ProvenStd", "Proven"];

function worse(a: ProofStatus | null, b: ProofStatus): ProofStatus {
  return a !== null && order.indexOf(a) < order.indexOf(b) ? a : b;
}

export function checkedStatus({ assumptions, assumesItself }: TheoremFacts): ProofStatus {
  if (assumesItself) return "Admitted";
  if (assumptions.some(({ kind }) => kind !== "standard")) return "Conditional";
  return assumptions.length > 0 ? "ProvenStd" : "Proven";
}

/** Text can only tell bad news: an ending with Qed is no proof. */
function textStatus(reading: Reading): ProofStatus | null {
  if (reading === "admitted" || reading === "axiom") return "Admitted";
  return reading === "aborted" || reading === "open" || reading === "definition" ? "Broken" : null;
}

function textual(status: ProofStatus | null, sha256: string | undefined, marks: readonly Mark[]): StatusResult {
  return { status, marks, assumptions: [], evidence: textEvidence(sha256), qualifiedName: null };
}

function unknownOutcome(outcome: FactOutcome): UnknownReason | null {
  const { kind } = outcome;
  if (outcome.kind === "held-up") return outcome.because;
  return kind === "timeout" || kind === "refused" || kind === "crashed" ? kind : null;
}
