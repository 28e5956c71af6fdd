/** A program laid out in the shared memory and loaded into the workers. */
import type { Executable } from "../backend.ts";
import { EngineError } from "../error.ts";
import { kernelNamed } from "../kernels/registry.ts";
import type { HostArray, KernelCall, Program } from "../program.ts";
import { type CallPlan, planCall } from "./bindings.ts";
import { align, type SharedHeap } from "./heap.ts";
import { LANE_SLOT_BYTES } from "./lane-queue.ts";
import type { WorkerCall, WorkerStage } from "./messages.ts";
import type { WorkerPool } from "./pool.ts";
import { groupStages } from "./stages.ts";

/** Argument block: 16 buffers of two u32, then up to 16 parameters in f64 (wasm/args.ts). */
const ARGS_BYTES = 256;
const PARAMS_OFFSET = 128;

interface Place {
  /** Bytes from the start of the program's memory. */
  readonly offset: number;
  /** Bytes between two lanes; 0 for shared buffers. */
  readonly stride: number;
}

/** Runs operations of one backend strictly one after the other, in the order of the calls. */
export type Enqueue = <T>(operation: () => Promise<T> | T) => Promise<T>;

export class CpuExecutable implements Executable {
  readonly maxLanes: number;
  readonly bytes: number;
  readonly #id: number;
  readonly #program: Program;
  readonly #heap: SharedHeap;
  readonly #pool: WorkerPool;
  readonly #enqueue: Enqueue;
  readonly #places: readonly Place[];
  readonly #base: number;
  readonly #laneQueue: number;
  #disposed = false;

  /** @throws {EngineError} `engine.out-of-memory`, `engine.unknown-kernel` */
  constructor(id: number, program: Program, maxLanes: number, heap: SharedHeap, pool: WorkerPool, enqueue: Enqueue) {
    this.#id = id;
    this.#program = program;
    this.maxLanes = maxLanes;
    this.#heap = heap;
    this.#pool = pool;
    this.#enqueue = enqueue;
    const context = { threads: pool.threads, lanes: maxLanes };
    const calls = Object.values(program.sections).flat();
    const plans = new Map(calls.map((call) => [call, planOrThrow(call, context)]));
    const scratchBytes = align(Math.max(0, ...Array.from(plans.values(), (plan) => plan.scratchBytes)));
    const { places, end } = layOut(program, maxLanes);
    const queueOffset = end + plans.size * ARGS_BYTES;
    const scratchOffset = queueOffset + maxLanes * LANE_SLOT_BYTES;
    this.#places = places;
    this.bytes = scratchOffset + pool.threads * scratchBytes;
    this.#base = heap.allocate(this.bytes);
    this.#laneQueue = this.#base + queueOffset;
    const addresses = new Map(calls.map((call, i) => [call, this.#base + end + i * ARGS_BYTES]));
    for (const call of calls) this.#writeArguments(call, plans.get(call) as CallPlan, addresses.get(call) as number);
    const describe = (call: KernelCall): WorkerCall => ({
      kernel: call.kernel,
      args: addresses.get(call) as number,
      items: (plans.get(call) as CallPlan).items,
    });
    const sections: Record<string, WorkerStage[]> = {};
    for (const [name, list] of Object.entries(program.sections)) {
      sections[name] = groupStages(list).map((stage) => stage.map(describe));
    }
    pool.tell((thread) => ({
      kind: "load",
      program: id,
      sections,
      scratch: this.#base + scratchOffset + thread * scratchBytes,
      laneQueue: this.#laneQueue,
    }));
  }

  #writeArguments(call: KernelCall, plan: CallPlan, address: number): void {
    const def = kernelNamed(call.kernel);
    const view = new DataView(this.#heap.memory.buffer, address, ARGS_BYTES);
    Object.keys(def.buffers).forEach((name, index) => {
      const { buffer, offset } = call.buffers[name] as { buffer: number; offset: number };
      const place = this.#places[buffer] as Place;
      view.setUint32(8 * index, this.#base + place.offset + 4 * offset, true);
      view.setUint32(8 * index + 4, place.stride, true);
    });
    const params = [...def.params.map((name) => call.params[name] as number), ...plan.extra];
    params.forEach((value, index) => {
      view.setFloat64(PARAMS_OFFSET + 8 * index, value, true);
    });
  }

  run(section: string, repeat: number, lanes: number): Promise<void> {
    if (!this.#program.sections[section]) throw new Error(`The program has no section "${section}".`);
    if (!(lanes >= 1 && lanes <= this.maxLanes)) throw new Error(`${lanes} lanes, compiled for ${this.maxLanes}.`);
    return this.#enqueue(() => {
      this.#assertUsable();
      new Uint8Array(this.#heap.memory.buffer, this.#laneQueue, lanes * LANE_SLOT_BYTES).fill(0);
      return this.#pool.run({ kind: "run", program: this.#id, section, repeat, lanes });
    });
  }

  write(buffer: number, lane: number, data: HostArray, offset = 0): Promise<void> {
    return this.#enqueue(() => this.#view(buffer, lane, offset, data.length).set(data));
  }

  read(buffer: number, lane: number, offset = 0, length?: number): Promise<HostArray> {
    return this.#enqueue(() => {
      const count = length ?? (this.#program.buffers[buffer]?.length ?? 0) - offset;
      return this.#view(buffer, lane, offset, count).slice();
    });
  }

  dispose(): Promise<void> {
    return this.#enqueue(() => {
      if (this.#disposed) return;
      this.#disposed = true;
      this.#pool.tell(() => ({ kind: "drop", program: this.#id }));
      this.#heap.release(this.#base, this.bytes);
    });
  }

  #view(buffer: number, lane: number, offset: number, length: number): HostArray {
    this.#assertUsable();
    const spec = this.#program.buffers[buffer];
    const place = this.#places[buffer];
    const lanes = spec?.shared ? 1 : this.maxLanes;
    if (!spec || !place || lane < 0 || lane >= lanes || offset < 0 || offset + length > spec.length) {
      throw new EngineError(
        "engine.bad-view",
        `Buffer ${buffer}, lane ${lane}: no elements ${offset}..${offset + length}.`,
      );
    }
    const address = this.#base + place.offset + lane * place.stride + 4 * offset;
    const memory = this.#heap.memory.buffer;
    return spec.dtype === "u32" ? new Uint32Array(memory, address, length) : new Float32Array(memory, address, length);
  }

  #assertUsable(): void {
    this.#pool.assertAlive();
    if (this.#disposed) throw new EngineError("engine.disposed", "The program was disposed.");
  }
}

function planOrThrow(call: KernelCall, context: { threads: number; lanes: number }): CallPlan {
  const plan = planCall(call.kernel, call.params, context);
  if (!plan) throw new EngineError("engine.unknown-kernel", `The CPU backend has no kernel "${call.kernel}".`);
  return plan;
}

/** Buffers one after the other, lanes of a buffer together. */
function layOut(program: Program, maxLanes: number): { places: Place[]; end: number } {
  let end = 0;
  const places = program.buffers.map(({ length, shared }) => {
    const bytes = align(4 * length);
    const place = { offset: end, stride: shared ? 0 : bytes };
    end += bytes * (shared ? 1 : maxLanes);
    return place;
  });
  return { places, end };
}
