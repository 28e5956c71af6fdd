/** Is a model trained on enough? Tokens for each parameter (Hoffmann et al. 2022), with the zones that are refused. */

export type Zone = "degeneration" | "plateau" | "sound";

export interface TokenBudget {
  /** Tokens for each parameter. */
  readonly ratio: number;
  readonly zone: Zone;
  readonly trainedTokens: number;
  /** Tokens that are seen for the first time; the rest is repetition, which obeys another law. */
  readonly uniqueTokens: number;
  /** The corpus is smaller than what is trained on: the ratio is advice, not a verdict. */
  readonly isAdvisory: boolean;
  /** Steps for 20 tokens a parameter. */
  readonly suggestedSteps: number;
}

const plateauFrom = 10;
const soundFrom = 20;

export function tokenBudget(run: {
  readonly steps: number;
  readonly batch: number;
  /** Tokens of one sequence. */
  readonly sequence: number;
  readonly parameters: number;
  readonly corpusTokens: number;
}): TokenBudget {
  const perStep = run.batch * run.sequence;
  const trainedTokens = run.steps * perStep;
  const ratio = trainedTokens / run.parameters;
  return {
    ratio,
    // So that no number at all (0 / 0) is not sound.
    zone: ratio >= soundFrom ? "sound" : ratio >= plateauFrom ? "plateau" : "degeneration",
    trainedTokens,
    uniqueTokens: Math.min(trainedTokens, run.corpusTokens),
    isAdvisory: run.corpusTokens < trainedTokens,
    suggestedSteps: Math.ceil((soundFrom * run.parameters) / perStep),
  };
}

/** Two decimals, never rounded up: 19.999 is not 20. */
export function formatRatio(ratio: number): string {
  return (Math.floor(ratio * 100) / 100).toFixed(2);
}

export interface TokenGate {
  readonly verdict: "pass" | "forced" | "advice" | "refused";
  /** Has to be logged when the gate was forced. */
  readonly message: string;
}

/** @param isForced the user has said that the run shall start all the same */
export function judgeTokenBudget(budget: TokenBudget, isForced: boolean): TokenGate {
  const { ratio, zone, isAdvisory, suggestedSteps } = budget;
  const what = `${formatRatio(ratio)} tokens for each parameter: ${zone}`;
  if (zone === "sound") return { verdict: "pass", message: `${what}.` };
  const wayOut = `${suggestedSteps} steps give ${soundFrom}.`;
  if (isAdvisory) {
    return { verdict: "advice", message: `${what}. The corpus is repeated, so this is advice only; ${wayOut}` };
  }
  if (isForced) return { verdict: "forced", message: `${what}. Started all the same; ${wayOut}` };
  return { verdict: "refused", message: `${what}. ${wayOut} Train longer or a smaller model, or force the start.` };
}
