/** Eight trials as lanes of one program against the same eight one after the other: time ratio and equal bits. */
import type { Backend } from "../engine/backend.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import type { Population } from "../train/population.ts";
import { narrowSpec } from "./reference.ts";
import { type BenchClock, median, openPopulation, timeSteps } from "./train-bench.ts";

export interface PopulationBench {
  readonly lanes: number;
  /** Time of the single runs over time of the population, same total work; above 1 the lanes win. */
  readonly speedup: number;
  readonly singleTokensPerSec: number;
  readonly populationTokensPerSec: number;
  /** Are the loss logs of all lanes bit-identical to the single runs'? */
  readonly identical: boolean;
}

const CHECKED_STEPS = 20;

/** Rounds of the two arms alternate, so that a noisy machine disturbs both alike. */
export async function benchPopulation(
  backend: Backend,
  clock: BenchClock,
  lanes = 8,
  rounds = 5,
): Promise<PopulationBench> {
  const specs = Array.from({ length: lanes }, (_, i): TrialSpec => ({ ...narrowSpec, seed: i + 1 }));
  const single = await openPopulation(backend, narrowSpec, 1);
  const together = await openPopulation(backend, narrowSpec, lanes);
  const identical = await sameLosses(single, together, specs);
  const times = { single: [] as number[], together: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.single.push(...(await timeSteps(single, 1, clock, 1, 800)));
    times.together.push(...(await timeSteps(together, lanes, clock, 1, 800)));
  }
  const singleMs = median(times.single);
  const togetherMs = median(times.together);
  const tokens = single.tokensPerStep;
  await single.dispose();
  await together.dispose();
  return {
    lanes,
    speedup: (singleMs * lanes) / togetherMs,
    singleTokensPerSec: (1000 * tokens) / singleMs,
    populationTokensPerSec: (1000 * tokens * lanes) / togetherMs,
    identical,
  };
}

async function sameLosses(single: Population, together: Population, specs: readonly TrialSpec[]): Promise<boolean> {
  for (const [lane, spec] of specs.entries()) await together.start(lane, spec);
  await together.train(CHECKED_STEPS, specs.length);
  let same = true;
  for (const [lane, spec] of specs.entries()) {
    await single.start(0, spec);
    await single.train(CHECKED_STEPS, 1);
    const alone = await single.losses(0, CHECKED_STEPS, CHECKED_STEPS);
    const inLane = await together.losses(lane, CHECKED_STEPS, CHECKED_STEPS);
    same &&= alone.every(({ lossNats }, i) => Object.is(lossNats, inLane[i]?.lossNats));
  }
  return same;
}
