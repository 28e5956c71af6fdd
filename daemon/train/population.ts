/**
 * Up to P trials of one shape training together: lane i of every buffer belongs to one trial. Lanes may stand
 * at different steps. A lane's numbers depend only on its own trial.
 */
import type { EvalProtocol } from "../data/protocol.ts";
import { assertScoredOnce, bitsPerByte, parseProtocol } from "../data/protocol.ts";
import { rangeBytes, type Splits } from "../data/splits.ts";
import type { Backend, Executable } from "../engine/backend.ts";
import type { Parameter } from "../engine/graph/parameters.ts";
import { sizeOf } from "../engine/graph/tensor.ts";
import { LaneState } from "../engine/kernels/lane.ts";
import type { EvalResult } from "../protocol/artifacts.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { packArena } from "./arena.ts";
import { laneHyper, type ResolvedTrial, resolveTrial } from "./plan.ts";
import { buildTrainProgram, RING_STEPS, type TrainProgram } from "./program.ts";
import type { ShortCalls } from "./short-calls.ts";

/** A lane's complete state on the host: everything that does not follow from (spec, step). */
export interface LaneSnapshot {
  readonly step: number;
  /** Parameters by name, shapes as declared. */
  readonly parameters: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
  /** Whole arenas `m`, `v`, `ema` (those that the program has) and the schedule's running state. */
  readonly optimizer: ReadonlyMap<string, Float32Array>;
}

export interface StepLoss {
  readonly step: number;
  readonly lossNats: number;
  readonly gradNorm: number;
}

const OPTIMIZER_STATE = ["m", "v", "ema", "lane schedule"] as const;
/** All that a lane keeps between sections. */
const LANE_BUFFERS = ["param", ...OPTIMIZER_STATE, "lane state", "lane hyper", "loss ring"] as const;

type Resolve = (spec: TrialSpec) => ResolvedTrial;

export class Population {
  readonly lanes: number;
  readonly #program: TrainProgram;
  readonly #executable: Executable;
  readonly #splits: Splits;
  readonly #protocol: EvalProtocol;
  readonly #resolve: Resolve;

  private constructor(
    program: TrainProgram,
    executable: Executable,
    splits: Splits,
    protocol: EvalProtocol,
    resolve: Resolve,
  ) {
    this.#program = program;
    this.#executable = executable;
    this.#splits = splits;
    this.#protocol = protocol;
    this.#resolve = resolve;
    this.lanes = executable.maxLanes;
  }

  /**
   * Compiles the program of `spec`'s shape for `lanes` trials and uploads corpus and constants.
   * @param resolve what a specification means; other than by the registered levers only where the gates are tried
   * @throws {DataError} corpus too short; {EngineError} shapes, memory; {RangeError} levers
   */
  static async create(
    backend: Backend,
    spec: TrialSpec,
    corpus: Uint8Array,
    splits: Splits,
    lanes: number,
    resolve: Resolve = resolveTrial,
  ): Promise<Population> {
    const program = buildTrainProgram(resolve(spec), splits, corpus.length);
    const { planned, constants } = program;
    const executable = await backend.compile(planned.program, lanes);
    await executable.write(planned.bufferOf("corpus"), 0, packBytes(corpus));
    for (const [name, values] of constants) {
      if (planned.has(name)) await executable.write(planned.bufferOf(name), 0, values);
    }
    const protocol = parseProtocol(spec.data.protocol, spec.model.context);
    return new Population(program, executable, splits, protocol, resolve);
  }

  get parameterCount(): number {
    return this.#program.parameters.count;
  }

  get parameters(): readonly Parameter[] {
    return this.#program.parameters.all();
  }

  /** A lane's arena (`param`, `grad`, ...) or named buffer as it is now. @throws when the program has none of that name */
  read(name: string, lane: number): Promise<Float32Array> {
    return this.#read(name, lane);
  }

  get bytesOnDevice(): number {
    return this.#executable.bytes;
  }

  get tokensPerStep(): number {
    return this.#program.tokensPerStep;
  }

  /**
   * Puts a trial at step 0 into a lane.
   * @param from what its parameters start as; absent: random numbers of its seed
   * @throws {RangeError} `from` belongs to another model
   */
  async start(lane: number, spec: TrialSpec, from?: LaneSnapshot["parameters"]): Promise<void> {
    const { parameters } = this.#program;
    const initial = from === undefined ? parameters.initialValues(spec.seed) : packArena(parameters, from);
    await this.#writeHyper(lane, this.#resolve(spec));
    await this.#write("param", lane, initial);
    await this.#write("ema", lane, initial);
    for (const name of ["m", "v"]) await this.#write(name, lane, new Float32Array(initial.length));
    await this.#writeState(lane, spec.seed, 0);
  }

  /** Puts a trial with a snapshot into a lane; training continues bit-identically. */
  async restore(lane: number, spec: TrialSpec, snapshot: LaneSnapshot): Promise<void> {
    const values = packArena(this.#program.parameters, snapshot.parameters);
    await this.#writeHyper(lane, this.#resolve(spec));
    await this.#write("param", lane, values);
    for (const name of OPTIMIZER_STATE) {
      const state = snapshot.optimizer.get(name);
      if (state) await this.#write(name, lane, state);
      else if (this.#program.planned.has(name))
        throw new RangeError(`The checkpoint has no optimiser state "${name}".`);
    }
    await this.#writeState(lane, spec.seed, snapshot.step);
  }

  async snapshot(lane: number): Promise<LaneSnapshot> {
    const { planned, parameters } = this.#program;
    const state = await this.#executable.read(planned.bufferOf("lane state"), lane);
    const weights = await this.#read("param", lane);
    const optimizer = new Map<string, Float32Array>();
    for (const name of OPTIMIZER_STATE) if (planned.has(name)) optimizer.set(name, await this.#read(name, lane));
    const tensors = parameters.all().map(({ name, shape, offset }) => {
      return [name, { shape, values: weights.slice(offset, offset + sizeOf(shape)) }] as const;
    });
    return { step: state[LaneState.step] as number, parameters: new Map(tensors), optimizer };
  }

  /** Exchanges the trials of two lanes. */
  async swap(a: number, b: number): Promise<void> {
    for (const name of LANE_BUFFERS) {
      if (!this.#program.planned.has(name)) continue;
      const buffer = this.#program.planned.bufferOf(name);
      const [first, second] = [await this.#executable.read(buffer, a), await this.#executable.read(buffer, b)];
      await this.#executable.write(buffer, a, second);
      await this.#executable.write(buffer, b, first);
    }
  }

  /** Runs `steps` (at most RING_STEPS) training steps on lanes 0..lanes-1. */
  async train(steps: number, lanes: number): Promise<void> {
    if (steps > RING_STEPS) throw new RangeError(`A chunk has at most ${RING_STEPS} steps, not ${steps}.`);
    await this.#executable.run("train", steps, lanes);
  }

  /** Losses of the last `count` steps of a lane that has completed `step` steps. */
  async losses(lane: number, step: number, count: number): Promise<StepLoss[]> {
    const ring = await this.#read("loss ring", lane);
    return Array.from({ length: count }, (_, i) => {
      const completed = step - count + i + 1;
      const at = 2 * ((completed - 1) % RING_STEPS);
      return { step: completed, lossNats: ring[at] as number, gradNorm: ring[at + 1] as number };
    });
  }

  /** Full validation split, every byte scored once. Weights: the moving average where the plan has one. */
  async evaluate(lanes: number, calls?: ShortCalls): Promise<EvalResult[]> {
    const { planned, evalBatches } = this.#program;
    const cursor = planned.bufferOf("eval cursor");
    for (let lane = 0; lane < lanes; lane++)
      await this.#executable.write(cursor, lane, new Uint32Array(LaneState.length));
    const run = (batches: number) => this.#executable.run("eval", batches, lanes);
    await (calls === undefined ? run(evalBatches) : calls.run(evalBatches, run));
    const results: EvalResult[] = [];
    for (let lane = 0; lane < lanes; lane++) results.push(await this.#evalResult(lane));
    return results;
  }

  async #evalResult(lane: number): Promise<EvalResult> {
    const sum = (values: Float32Array): number => values.reduce((total, x) => total + x, 0);
    const nllNats = sum(await this.#read("eval sums", lane));
    const bytes = sum(await this.#read("eval counts", lane));
    assertScoredOnce(bytes, rangeBytes(this.#splits.validation), this.#protocol);
    return { valBpb: bitsPerByte(nllNats, bytes), nllNats, bytes, protocol: this.#protocol.id };
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
  }

  async #writeHyper(lane: number, trial: ResolvedTrial): Promise<void> {
    await this.#write("lane hyper", lane, laneHyper(trial.plan));
  }

  async #writeState(lane: number, seed: number, step: number): Promise<void> {
    const state = new Uint32Array(LaneState.length);
    state[LaneState.step] = step;
    state[LaneState.seed] = seed;
    await this.#executable.write(this.#program.planned.bufferOf("lane state"), lane, state);
  }

  async #write(name: string, lane: number, values: Float32Array): Promise<void> {
    const { planned } = this.#program;
    if (planned.has(name)) await this.#executable.write(planned.bufferOf(name), lane, values);
  }

  async #read(name: string, lane: number): Promise<Float32Array> {
    return (await this.#executable.read(this.#program.planned.bufferOf(name), lane)) as Float32Array;
  }
}

/** Four bytes to a u32, little-endian, zero-padded. */
export function packBytes(bytes: Uint8Array): Uint32Array {
  const packed = new Uint32Array(Math.ceil(bytes.length / 4));
  bytes.forEach((byte, i) => {
    packed[i >>> 2] = ((packed[i >>> 2] as number) | (byte << ((i & 3) * 8))) >>> 0;
  });
  return packed;
}
