/** Gates by name, and what `igla falsify-suite --json` prints: for those who must not load the gates themselves. */

/** In the order of `allGates`, with the gates' own titles; a test keeps the two equal. */
export const gateTitles = {
  V1: "muP coordinate check",
  V2: "Zero-cost proxy ranks like rung 2",
  V3: "BOHB's regret is below that of ASHA",
  V4: "Surrogate predicts the last rung",
  V5: "Phi grid keeps past optima",
  V6: "UCB's regret is below that of equal shares",
  V7: "Curriculum keeps the spread over seeds",
  "row-version": "Code version of the row is known",
  "row-step": "Row is past the warm-up",
  "row-bpb-low": "BPB of the row is not too good",
  "row-bpb-high": "BPB of the row is not too bad",
  "row-seed": "Seed of the row is registered",
  leak: "Evaluation text does not occur in train",
  corpus: "The corpus is the one asked for",
  "dead-parameter": "Parameters of the lever learn",
  "dead-flag": "The lever's flag changes something",
  normalised: "Probabilities sum to 1",
  causal: "No prediction sees its target",
  "scored-once": "Every target byte is scored once",
} as const;

export type GateId = keyof typeof gateTitles;

/** One input that a gate was tried on. */
export interface SuiteCaseResult {
  readonly gate: string;
  readonly gateTitle: string;
  readonly kind: "plant" | "clean";
  readonly title: string;
  /** A plant was caught for its reason, a clean input raised no alarm. */
  readonly ok: boolean;
  /** `error`: the input could not be made, or the gate broke. */
  readonly verdict: "pass" | "review" | "fail" | "not-applicable" | "error";
  readonly reason: string;
  readonly measured: number | null;
  readonly bound: number | null;
}

/** What `igla falsify-suite --json` prints, with exit code 0 where `ok` and 1 where not. */
export interface SuiteDocument {
  readonly ok: boolean;
  readonly gates: number;
  readonly rows: readonly SuiteCaseResult[];
  readonly plants: number;
  readonly missed: number;
  readonly clean: number;
  readonly falseAlarms: number;
  /** What was not tried, as sentences. */
  readonly gaps: readonly string[];
}
