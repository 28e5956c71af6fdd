/** Bytes trained on for each parameter, as the commands say it. */

import { rangeBytes, type Splits } from "../data/splits.ts";
import { judgeTokenBudget, type TokenBudget, type TokenGate, tokenBudget } from "../evidence/chinchilla.ts";
import type { TrialSpec } from "../protocol/trial.ts";

export interface TokenReport extends TokenBudget, TokenGate {
  /** Windows are drawn at random, so this is the least. */
  readonly repeatedTokens: number;
  /** Bytes of the part that is trained on. */
  readonly corpusTokens: number;
}

/** @param isStrict too few bytes are a refusal; else training starts all the same, which the verdict then says */
export function tokenReport(
  { model, optimizer }: Pick<TrialSpec, "model" | "optimizer">,
  { steps, parameters }: { readonly steps: number; readonly parameters: number },
  splits: Splits,
  isStrict: boolean,
): TokenReport {
  const corpusTokens = rangeBytes(splits.train);
  const size = { batch: optimizer.batch, sequence: model.context };
  const budget = tokenBudget({ steps, ...size, parameters, corpusTokens });
  const repeatedTokens = budget.trainedTokens - budget.uniqueTokens;
  return { ...budget, repeatedTokens, corpusTokens, ...judgeTokenBudget(budget, !isStrict) };
}
