/** What one training step of a trial costs, counted on its program. */
import type { Splits } from "../data/splits.ts";
import type { KernelCall } from "../engine/program.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { resolveTrial } from "../train/plan.ts";
import { buildTrainProgram } from "../train/program.ts";

export interface ArmCost {
  readonly parameters: number;
  /** Operations of the matrix products of one step, forward, backward and optimiser; a product and a sum count as two. */
  readonly flopsPerStep: number;
}

/**
 * @param corpusBytes length of the corpus
 * @throws {RangeError} the lever does not fit the model; {EngineError} impossible shapes, parameters without gradient
 */
export function armCost(spec: TrialSpec, splits: Splits, corpusBytes: number): ArmCost {
  const { planned, parameters } = buildTrainProgram(resolveTrial(spec), splits, corpusBytes);
  const flopsPerStep = (planned.program.sections.train ?? []).reduce((sum, call) => sum + flopsOf(call), 0);
  return { parameters: parameters.count, flopsPerStep };
}

/** Products of query and key, and of weight and value; the backward pass forms the first again and four more. */
const attentionProducts: Readonly<Record<string, number>> = { attention: 2, attention_backward: 5 };

function flopsOf({ kernel, params }: KernelCall): number {
  const of = (name: string) => params[name] ?? 0;
  if (kernel === "matmul") return 2 * of("m") * of("n") * of("k");
  const products = attentionProducts[kernel] ?? 0;
  const pairs = (of("time") * (of("time") + 1)) / 2;
  return products * 2 * of("batch") * of("heads") * of("headDim") * pairs;
}
