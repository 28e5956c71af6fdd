/** The same trial on the CPU backend, through the interfaces that the race uses. */
import type { Backend } from "../../daemon/engine/backend.ts";
import type { TrialSpec } from "../../daemon/protocol/trial.ts";
import { type LaneSnapshot, Population, type StepLoss } from "../../daemon/train/population.ts";
import { sampleBytes } from "../../daemon/train/sample.ts";
import { testCorpus, testSplits } from "../fixtures/train.ts";

export interface EngineRun {
  readonly initial: LaneSnapshot;
  readonly final: LaneSnapshot;
  readonly curve: readonly StepLoss[];
  /** Validation BPB after each of the asked steps. */
  readonly valBpb: readonly number[];
}

/** Trains to `steps`, evaluating after each of `evaluateAt` (ascending). */
export async function engineRun(
  backend: Backend,
  spec: TrialSpec,
  steps: number,
  evaluateAt: readonly number[],
): Promise<EngineRun> {
  const population = await Population.create(backend, spec, testCorpus, testSplits, 1);
  try {
    await population.start(0, spec);
    const initial = await population.snapshot(0);
    const valBpb: number[] = [];
    let done = 0;
    for (const step of evaluateAt) {
      if (step > done) await population.train(step - done, 1);
      done = step;
      valBpb.push((await population.evaluate(1))[0]?.valBpb ?? Number.NaN);
    }
    if (steps > done) await population.train(steps - done, 1);
    return { initial, final: await population.snapshot(0), curve: await population.losses(0, steps, steps), valBpb };
  } finally {
    await population.dispose();
  }
}

export interface Prompted {
  readonly spec: TrialSpec;
  readonly snapshot: LaneSnapshot;
  readonly prompt: Uint8Array;
  readonly bytes: number;
  readonly temperature: number;
  readonly seed: number;
}

/** The bytes of `sampleBytes` and the logits that each was drawn from. */
export async function engineSample(
  backend: Backend,
  options: Prompted,
): Promise<{ bytes: number[]; logits: Float32Array[] }> {
  const logits: Float32Array[] = [];
  const watched: Backend = {
    info: backend.info,
    preferredLanes: backend.preferredLanes,
    lost: backend.lost,
    dispose: () => backend.dispose(),
    async compile(program, lanes) {
      const inner = await backend.compile(program, lanes);
      return {
        maxLanes: inner.maxLanes,
        bytes: inner.bytes,
        run: (...args) => inner.run(...args),
        write: (...args) => inner.write(...args),
        dispose: () => inner.dispose(),
        // Sampling reads nothing from the device but the logits of the next byte.
        async read(...args) {
          const values = await inner.read(...args);
          logits.push(Float32Array.from(values));
          return values;
        },
      };
    },
  };
  const bytes: number[] = [];
  for await (const byte of sampleBytes({ ...options, backend: watched })) bytes.push(byte);
  return { bytes, logits };
}
