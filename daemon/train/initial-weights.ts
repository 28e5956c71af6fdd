/** A trial that starts from given parameters instead of random numbers: what both are worth before the first step. */
import type { Splits } from "../data/splits.ts";
import type { Backend } from "../engine/backend.ts";
import type { EvalResult } from "../protocol/artifacts.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { type LaneSnapshot, Population } from "./population.ts";
import { ShortCalls } from "./short-calls.ts";

export interface GivenStart {
  /** At step 0, with a fresh optimiser; a moving average of the weights starts as the weights. */
  readonly snapshot: LaneSnapshot;
  /** Validation at step 0 from the given parameters. */
  readonly given: EvalResult;
  /** The same from the random numbers of the trial's seed. */
  readonly random: EvalResult;
}

/** @throws {RangeError} the parameters belong to another model; {DataError}, {EngineError} as training does */
export async function startFrom(run: {
  readonly backend: Backend;
  readonly spec: TrialSpec;
  readonly corpus: Uint8Array;
  readonly splits: Splits;
  readonly parameters: LaneSnapshot["parameters"];
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}): Promise<GivenStart> {
  const { backend, spec, corpus, splits, parameters, now } = run;
  const population = await Population.create(backend, spec, corpus, splits, 1);
  try {
    const evaluate = async (): Promise<EvalResult> => {
      const [result] = await population.evaluate(1, new ShortCalls(now, () => undefined));
      if (result === undefined) throw new RangeError("An evaluation gives one result for each lane.");
      return result;
    };
    await population.start(0, spec);
    const random = await evaluate();
    await population.start(0, spec, parameters);
    const given = await evaluate();
    return { snapshot: await population.snapshot(0), given, random };
  } finally {
    await population.dispose();
  }
}
