/** A trained tiny model's probabilities for every position of a window. */
import type { Backend } from "../engine/backend.ts";
import { packArena } from "../train/arena.ts";
import { resolveTrial } from "../train/plan.ts";
import type { LaneSnapshot } from "../train/population.ts";
import { buildSampleProgram } from "../train/sample.ts";
import { type TinyTrial, tinySpec } from "./training.ts";

const vocabulary = 256;

export interface Forward {
  /** tokens [T] -> probabilities [T, 256]; row i is about the byte after token i. */
  predict(tokens: readonly number[]): Promise<Float64Array[]>;
  dispose(): Promise<void>;
}

export async function forwardOf(backend: Backend, trial: TinyTrial, snapshot: LaneSnapshot): Promise<Forward> {
  const { planned, parameters, constants } = buildSampleProgram(resolveTrial(tinySpec(trial)));
  const executable = await backend.compile(planned.program, 1);
  for (const [name, { values }] of constants) await executable.write(planned.bufferOf(name), 0, values);
  await executable.write(planned.bufferOf("param"), 0, packArena(parameters, snapshot.parameters));
  return {
    async predict(tokens) {
      await executable.write(planned.bufferOf("sample tokens"), 0, Uint32Array.from(tokens));
      await executable.run("logits", 1, 1);
      const logits = await executable.read(planned.bufferOf("sample logits"), 0);
      return tokens.map((_, row) => softmax(logits.subarray(row * vocabulary, (row + 1) * vocabulary)));
    },
    dispose: () => executable.dispose(),
  };
}

function softmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = values.map((x) => Math.exp(x - most));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((x) => x / total);
}
