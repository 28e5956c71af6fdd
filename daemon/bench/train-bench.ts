/** Training speed and memory of the reference model on one backend. */
import { splitRanges } from "../data/splits.ts";
import type { Backend } from "../engine/backend.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { Population } from "../train/population.ts";
import { benchCorpus, referenceSpec } from "./reference.ts";

export interface TrainBench {
  readonly backend: string;
  readonly parameters: number;
  /** Median over the rounds, wall clock. */
  readonly tokensPerSec: number;
  readonly msPerStep: number;
  /** Fastest round over slowest: how noisy the machine was. */
  readonly spread: number;
  /** Building, compiling and uploading the program until the first step could run. */
  readonly setUpMs: number;
  readonly bytesOnDevice: number;
  /** Resident memory of the process after training. */
  readonly residentBytes: number;
}

export interface BenchClock {
  /** Milliseconds, monotonic. */
  now(): number;
  residentBytes(): number;
}

/** `rounds` rounds of about `roundMs` each after one warm-up round. */
export async function benchTrain(backend: Backend, clock: BenchClock, rounds = 5, roundMs = 2000): Promise<TrainBench> {
  const startedMs = clock.now();
  const population = await openPopulation(backend, referenceSpec, 1);
  await population.start(0, referenceSpec);
  const setUpMs = clock.now() - startedMs;
  const times = await timeSteps(population, 1, clock, rounds, roundMs);
  const msPerStep = median(times);
  const result = {
    backend: backend.info.description,
    parameters: population.parameterCount,
    tokensPerSec: (1000 * population.tokensPerStep) / msPerStep,
    msPerStep,
    spread: Math.max(...times) / Math.min(...times),
    setUpMs,
    bytesOnDevice: population.bytesOnDevice,
    residentBytes: clock.residentBytes(),
  };
  await population.dispose();
  return result;
}

export function openPopulation(backend: Backend, spec: TrialSpec, lanes: number): Promise<Population> {
  const corpus = benchCorpus();
  return Population.create(backend, spec, corpus, splitRanges(spec.data.split, corpus.length), lanes);
}

/** Milliseconds per step in each round. */
export async function timeSteps(
  population: Population,
  lanes: number,
  clock: BenchClock,
  rounds: number,
  roundMs: number,
): Promise<number[]> {
  const time = async (steps: number): Promise<number> => {
    const startedMs = clock.now();
    await population.train(steps, lanes);
    return (clock.now() - startedMs) / steps;
  };
  await time(2);
  const estimate = await time(4);
  const steps = Math.max(1, Math.min(256, Math.round(roundMs / estimate)));
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await time(steps));
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
