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

const degenerationBelow = 10;
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
    zone: ratio < degenerationBelow ? "degeneration" : ratio < soundFrom ? "plateau" : "sound",
    trainedTokens,
    uniqueTokens: Math.min(trainedTokens, run.corpusTokens),
    isAdvisory: run.corpusTokens < trainedTokens,
    suggestedSteps: Math.ceil((soundFrom * run.parameters) / perStep),
  };
}
