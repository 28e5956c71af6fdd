/**
 * Whether a text is a valid race file, and what it would run. The language server answers it (`igla/check`), and so does
 * `igla mcp`; nothing is started or written for it.
 */

/** Request of the language server; parameters `CheckParams`, result `RaceCheck`. */
export const checkRequest = "igla/check";

export interface CheckParams {
  readonly text: string;
  /** Its name gives the race a name. */
  readonly file: string;
}

/** Lines and columns count from 1; the end is exclusive. */
export interface RaceFileError {
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** Dotted path of the key at fault; empty for an error of syntax. */
  readonly path: string;
  readonly message: string;
  readonly expected: string | null;
  readonly suggestion: string | null;
}

export interface LadderRow {
  readonly steps: number;
  readonly keep: string | null;
  /** Trials that are trained to this rung: the top share of those of the rung before, rounded down. */
  readonly trials: number;
  /** Training steps of all of them since the rung before. */
  readonly trainedSteps: number;
}

export interface RaceSummary {
  readonly name: string;
  readonly corpus: string;
  readonly maxTrials: number;
  readonly seeds: readonly number[];
  /** On in every trial. */
  readonly levers: readonly string[];
  /** Paths that vary between the trials. */
  readonly varies: readonly string[];
  readonly rungs: readonly LadderRow[];
  readonly totalSteps: number;
}

export type RaceCheck =
  | { readonly valid: true; readonly race: RaceSummary }
  | { readonly valid: false; readonly errors: readonly RaceFileError[] };
