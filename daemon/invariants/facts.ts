/** What the prover found out about one file: all that is cached, and all that the rules know of Coq. */
import type { Place, VacuityKind } from "../protocol/invariant-report.ts";

/** A declaration of a `.glob` file. Offsets are bytes of the source, the end exclusive. */
export interface GlobDeclaration {
  /** `prf`: theorem-like; `ax`: axiom or parameter; others as Coq writes them (`def`, `ind`, `constr`, ...). */
  readonly kind: string;
  readonly startByte: number;
  readonly endByte: number;
  /** Section or module path inside the file; empty at top level. */
  readonly modulePath: string;
  readonly name: string;
}

export interface FactAssumption {
  /** As `About` expands it: `Coq.Reals.Raxioms.completeness`, `Igla.Phi.helper`. */
  readonly qualifiedName: string;
  readonly type: string;
  /** `unsafe`: a flag of Coq (guard, positivity, universes, type in type); the name says which. */
  readonly kind: "standard" | "project-axiom" | "admitted" | "unsafe";
  /** Project file and name of its declaration, when it has one. */
  readonly declaredIn: { readonly path: string; readonly name: string } | null;
}

export interface TheoremFacts {
  readonly name: string;
  readonly qualifiedName: string;
  readonly assumptions: readonly FactAssumption[];
  /** The theorem is among its own assumptions: its proof was admitted, or it is an axiom. */
  readonly assumesItself: boolean;
  readonly vacuity: readonly { readonly reason: VacuityKind; readonly note: string }[];
}

export type FactOutcome =
  | { readonly kind: "compiled" }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly place: Place | null;
      /** Line, from 1, up to which Coq accepted the file. */
      readonly acceptedUpToLine: number | null;
    }
  /** A file that this one needs does not compile. */
  | { readonly kind: "dependency"; readonly path: string }
  /** A file that this one needs could not be checked: nothing is known of this one either. */
  | { readonly kind: "held-up"; readonly path: string; readonly because: "timeout" | "refused" | "crashed" }
  /** The pre-scan found a sentence that may not run. */
  | { readonly kind: "refused"; readonly sentence: string; readonly place: Place; readonly why: string }
  | { readonly kind: "timeout"; readonly limitMs: number; readonly during: "build" | "query" }
  /** The prover itself failed: killed, out of memory, too much output. */
  | { readonly kind: "crashed"; readonly detail: string };

export interface ProofFacts {
  readonly path: string;
  /** Of the bytes that were checked. */
  readonly sourceSha256: string;
  /** The folder's files that this one needs, directly or not, and the SHA-256 of the bytes that were used. */
  readonly needs: readonly { readonly path: string; readonly sha256: string }[];
  readonly outcome: FactOutcome;
  readonly declarations: readonly GlobDeclaration[];
  /** By name as the file declares it, module path before it where there is one (`M.a`). */
  readonly theorems: Readonly<Record<string, TheoremFacts>>;
  /** "coqc 8.16.1". */
  readonly prover: string;
  readonly elapsedMs: number;
  readonly checkedAt: number;
  /** Flags of the project file that weaken what a proof means, as written. */
  readonly trustFlags: readonly string[];
  /** What coqchk says of the compiled file; null: not asked. */
  readonly deepCheck: {
    readonly verdict: "accepted" | "rejected" | "timeout" | "crashed";
    readonly detail: string;
  } | null;
}
