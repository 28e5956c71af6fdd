/** What the editor and the language server say to each other about claims and proofs, beside the standard requests. Paths are absolute. */
import type { FolderReport } from "./invariant-report.ts";

/** The newest reports; answers at once. No parameters. */
export const reportRequest = "igla/invariants/report";
export interface ReportResult {
  readonly folders: readonly FolderReport[];
}

/** Asks Coq; answers when done. */
export const checkProofsRequest = "igla/invariants/check";
export interface CheckProofsParams {
  /** A proof file, an assertion file (what it cites is checked) or a folder; absent: every proof of every folder. */
  readonly path?: string;
  /** Without the cache. */
  readonly again?: boolean;
  /** With coqchk. */
  readonly deep?: boolean;
}
export interface CheckProofsResult {
  /** Proof files that were checked. */
  readonly checked: number;
  /** Why nothing could be checked, and what to do; null when Coq was asked. */
  readonly refusal: string | null;
}

/** To the editor: a report changed. No parameters; at most a few times a second. */
export const reportsChanged = "igla/invariants/changed";

/** To the server: what it may run from now on. Also under `proofs` in its `initializationOptions`. */
export const proverSettingsChanged = "igla/invariants/settings";
export interface ProverSettings {
  /** False: provers are not run, texts are read. */
  readonly trusted: boolean;
  /** Absolute path of `coqc` or `rocq`; empty: looked for in PATH. */
  readonly proverPath: string;
  /** False: a prover runs only when the user asks for a check. */
  readonly enabled: boolean;
}

/** Whether an open document ending in `.v` is Coq, by its content. */
export const isProofRequest = "igla/invariants/isProof";
export interface IsProofParams {
  readonly uri: string;
}
