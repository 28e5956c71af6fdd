/**
 * What the files claim, what Coq says, and how the two compare: what `igla invariants check --json` prints. All paths are relative to the report's folder, with `/`.
 */

/** Worst first: a theorem has the worst status that applies to it. */
export const proofStatuses = ["Broken", "Admitted", "Conditional", "ProvenStd", "Proven"] as const;
export type ProofStatus = (typeof proofStatuses)[number];

/** `text`: read, not checked by Coq; `coqc`: compiled and asked; `coqchk`: the compiled library was checked again. */
export type EvidenceLevel = "text" | "coqc" | "coqchk";

/** Lines and characters count from 0, characters in UTF-16 units, the end is exclusive: the language server's own. */
export interface Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

export interface Place {
  readonly path: string;
  readonly range: Range;
}

export type VacuityKind =
  | "true"
  | "reflexive"
  | "restates-hypothesis"
  | "implies-true"
  | "restates-axiom"
  | "true-disjunct"
  | "closed-computation";

/**
 * `pending`: a check is under way. `not-asked`: nobody has asked Coq about the file yet. `no-answer`: Coq has no name for
 * it, as for a theorem of a functor. `left-out`, `unreadable`: the cited file is there, but Igla does not or cannot read it.
 */
export type UnknownReason =
  | "no-prover"
  | "switched-off"
  | "untrusted"
  | "timeout"
  | "refused"
  | "crashed"
  | "no-answer"
  | "not-asked"
  | "left-out"
  | "unreadable"
  | "pending";

export type Mark =
  /** A heuristic: the statement says little. `closed-computation` is information only. */
  | { readonly kind: "vacuous"; readonly reason: VacuityKind; readonly note: string }
  | { readonly kind: "stale" }
  | { readonly kind: "unknown"; readonly reason: UnknownReason };

export type AssumptionKind = "standard" | "project-axiom" | "admitted" | "unsafe";

export interface Assumption {
  /** Fully qualified, as Coq knows it. */
  readonly name: string;
  readonly kind: AssumptionKind;
  /** As Coq prints it; empty for an unsafe flag. */
  readonly type: string;
  /** Its declaration, when it stands in this folder. */
  readonly place: Place | null;
}

export interface Evidence {
  readonly level: EvidenceLevel;
  /** "coqc 8.16.1"; null at level `text`. */
  readonly prover: string | null;
  /** Of the source file's bytes. */
  readonly sourceSha256: string | null;
  /** Milliseconds that compiling and asking took. */
  readonly elapsedMs: number | null;
  /** Milliseconds since 1970. */
  readonly checkedAt: number | null;
}

export type Severity = "error" | "warning" | "information" | "hint";

/** Something to tell the reader. `code` is stable: `daemon/invariants/codes.ts` documents each. */
export interface Reason {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place;
  readonly related: readonly { readonly message: string; readonly place: Place }[];
  /** Edits that would mend it, best first. */
  readonly fixes: readonly Fix[];
}

export interface Fix {
  readonly title: string;
  readonly path: string;
  readonly edits: readonly { readonly range: Range; readonly newText: string }[];
}

/** How the text of a proof ends. A reading is no status: only Coq gives a good one. */
export type Reading = "qed" | "defined" | "admitted" | "aborted" | "open" | "proof-term" | "axiom" | "definition";

export interface TheoremReport {
  readonly path: string;
  /** As the file writes it. */
  readonly name: string;
  /** Module path included, as Coq knows it; null until checked. */
  readonly qualifiedName: string | null;
  /** `Theorem`, `Lemma`, `Axiom`, ... */
  readonly keyword: string;
  /** Of the name. */
  readonly place: Place;
  /** The statement as the file writes it, blanks collapsed. */
  readonly statement: string;
  readonly reading: Reading;
  /** Null: not known. Text alone can only say Broken or Admitted. */
  readonly status: ProofStatus | null;
  readonly marks: readonly Mark[];
  readonly assumptions: readonly Assumption[];
  readonly evidence: Evidence;
  /** Ids of the invariants that cite it. */
  readonly usedBy: readonly string[];
}

/** `open`: wip, partial or TODO, which claim nothing. `none`: no status is written. `other`: a word that is not known. */
export type Claim = "Proven" | "Admitted" | "open" | "none" | "other";

/**
 * `over-claim`: the file says more than Coq. `under-claim`: less. `broken`: what is cited is missing or does not compile.
 * `open`: nothing is claimed. `unknown`: Coq was not asked, or gave no answer.
 */
export type Verdict = "matches" | "over-claim" | "under-claim" | "broken" | "open" | "unknown";

export interface RuntimeCheck {
  readonly action: "abort" | "warn" | "hard_penalty" | "other";
  readonly message: string;
}

export interface InvariantReport {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly claim: Claim;
  /** As written. */
  readonly claimText: string;
  readonly verdict: Verdict;
  readonly status: ProofStatus | null;
  readonly marks: readonly Mark[];
  readonly evidence: Evidence;
  readonly assumptions: readonly Assumption[];
  /** As written; null when absent. */
  readonly theorem: string | null;
  readonly coqFile: string | null;
  /** The file that is meant, by path; null when none is. It need not exist. */
  readonly proofPath: string | null;
  readonly statement: string | null;
  /** The entry, its id, its claim's value, and the theorem's name in the proof. */
  readonly place: Place;
  readonly idPlace: Place;
  readonly claimPlace: Place | null;
  readonly theoremPlace: Place | null;
  readonly runtimeCheck: RuntimeCheck | null;
  readonly reasons: readonly Reason[];
}

export interface AssertionFileReport {
  readonly path: string;
  /** `counted`: the debt of the proof files that this file cites. */
  readonly budget: { readonly max: number | null; readonly used: number | null; readonly counted: number } | null;
  readonly invariants: readonly InvariantReport[];
  /** About the file, not about one invariant. */
  readonly reasons: readonly Reason[];
}

export interface Debt {
  /** Axiom, Parameter, Conjecture, Hypothesis outside a section, Declare Instance. */
  readonly axioms: number;
  readonly admitted: number;
  /** Null until checked. */
  readonly unusedAxioms: number | null;
  /** Axioms whose type is True: they postulate nothing. */
  readonly emptyAxioms: number;
}

export type CompileState =
  | { readonly kind: "unchecked"; readonly reason: UnknownReason }
  | { readonly kind: "compiled" }
  /** `acceptedUpToLine` counts from 1; null when not known. */
  | { readonly kind: "failed"; readonly message: string; readonly acceptedUpToLine: number | null };

export interface ProofFileReport {
  readonly path: string;
  readonly compile: CompileState;
  readonly stale: boolean;
  readonly debt: Debt;
  readonly evidence: Evidence;
  readonly theorems: readonly TheoremReport[];
  readonly reasons: readonly Reason[];
}

export interface FolderReport {
  /** Absolute. */
  readonly folder: string;
  /** "coqc 8.16.1"; null when there is none or it may not run, and then why, and what to do. */
  readonly prover: { readonly name: string } | { readonly missing: UnknownReason; readonly wayOut: string };
  /** A check is under way. */
  readonly checking: boolean;
  readonly assertionFiles: readonly AssertionFileReport[];
  readonly proofFiles: readonly ProofFileReport[];
}
