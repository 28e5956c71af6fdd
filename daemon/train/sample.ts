/** Text from a trained model, one byte at a time, with the weights that evaluation uses. */
import type { Backend, Executable } from "../engine/backend.ts";
import { Graph } from "../engine/graph/graph.ts";
import { ParameterTable } from "../engine/graph/parameters.ts";
import { type PlannedProgram, planProgram } from "../engine/graph/planner.ts";
import { BOS } from "../engine/kernels/data.ts";
import { LaneState } from "../engine/kernels/lane.ts";
import { Purpose, randomWords, toUniform } from "../engine/random/philox.ts";
import { buildAttn, VOCAB } from "../model/attn.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { packArena } from "./arena.ts";
import { modelContext } from "./model-context.ts";
import { type ResolvedTrial, resolveTrial } from "./plan.ts";
import type { LaneSnapshot } from "./population.ts";
import { evaluationWeights } from "./weight-view.ts";

export interface SampleOptions {
  readonly backend: Backend;
  readonly spec: TrialSpec;
  readonly snapshot: LaneSnapshot;
  readonly prompt: Uint8Array;
  /** Bytes to produce. */
  readonly bytes: number;
  /** 0: always the most probable byte; 1: the model's own distribution. */
  readonly temperature: number;
  /** The same seed gives the same text. */
  readonly seed: number;
}

/** Yields the produced bytes one by one, without the prompt. */
export async function* sampleBytes(options: SampleOptions): AsyncGenerator<number> {
  const { spec, prompt, bytes, temperature, seed } = options;
  const model = await SampleModel.load(options);
  try {
    const text = [...prompt];
    for (let position = 0; position < bytes; position++) {
      const logits = await model.nextLogits(text.slice(-spec.model.context));
      const uniform = toUniform(randomWords(seed, Purpose.sample, position, 0)[0]);
      const byte = pickByte(logits, temperature, uniform);
      text.push(byte);
      yield byte;
    }
  } finally {
    await model.dispose();
  }
}

/** Inverse-CDF draw from softmax(logits / temperature), in f64. */
export function pickByte(logits: Float32Array, temperature: number, uniform: number): number {
  const max = Math.max(...logits);
  if (temperature === 0) return logits.indexOf(max);
  const weights = Array.from(logits, (x) => Math.exp((x - max) / temperature));
  let left = uniform * weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] as number;
    if (left < 0) return i;
  }
  return weights.length - 1;
}

class SampleModel {
  readonly #executable: Executable;
  readonly #planned: PlannedProgram;
  readonly #context: number;

  private constructor(executable: Executable, planned: PlannedProgram, context: number) {
    this.#executable = executable;
    this.#planned = planned;
    this.#context = context;
  }

  static async load({ backend, spec, snapshot }: SampleOptions): Promise<SampleModel> {
    const trial = resolveTrial(spec);
    const { planned, parameters, constants } = buildSampleProgram(trial);
    const executable = await backend.compile(planned.program, 1);
    for (const [name, { values }] of constants) await executable.write(planned.bufferOf(name), 0, values);
    const view = evaluationWeights(trial, snapshot);
    await executable.write(planned.bufferOf(view.arena), 0, packArena(parameters, view.parameters));
    return new SampleModel(executable, planned, spec.model.context);
  }

  /** Logits [V] of the byte after `text`, which has at most T bytes. A shorter text starts at BOS where it can. */
  async nextLogits(text: readonly number[]): Promise<Float32Array> {
    const ids = text.length < this.#context ? [BOS, ...text] : text;
    const tokens = new Uint32Array(this.#context).fill(BOS);
    tokens.set(ids);
    await this.#executable.write(this.#planned.bufferOf("sample tokens"), 0, tokens);
    await this.#executable.run("logits", 1, 1);
    const row = ids.length - 1;
    return (await this.#executable.read(
      this.#planned.bufferOf("sample logits"),
      0,
      row * VOCAB,
      VOCAB,
    )) as Float32Array;
  }

  dispose(): Promise<void> {
    return this.#executable.dispose();
  }
}

/** Section `logits`: tokens [T] in `sample tokens` to `sample logits` [T, V]; row i is about the byte after token i. */
export function buildSampleProgram(trial: ResolvedTrial) {
  const parameters = new ParameterTable();
  const g = new Graph({ parameters, weights: trial.plan.ema ? "ema" : "param", training: false });
  const rows = trial.spec.model.context;
  const tokens = g.named("sample tokens", [rows], "u32");
  const state = g.named("lane state", [LaneState.length], "u32");
  const logits = buildAttn(modelContext(g, trial, state, tokens, 1), trial.hooks);
  const out = g.named("sample logits", [rows, VOCAB]);
  const copy = {
    kernel: "lincomb",
    buffers: { a: logits, b: logits, y: out },
    params: { n: rows * VOCAB, alpha: 1, beta: 0 },
  };
  const planned = planProgram({ logits: [...g.forwardCalls(), copy] }, parameters.arenaLength);
  return { planned, parameters, constants: g.constants };
}
