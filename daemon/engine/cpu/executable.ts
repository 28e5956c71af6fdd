/** A program laid out in the shared memory and loaded into the workers. */
import type { Executable } from "../backend.ts";
import { EngineError } from "../error.ts";
import type { HostArray, KernelCall, Program } from "../program.ts";
import type { SharedHeap } from "./heap.ts";
import { LANE_SLOT_BYTES } from "./lane-queue.ts";
import { layOut, type PlacedCall, type ProgramLayout, writeArguments } from "./layout.ts";
import type { WorkerCall, WorkerStage } from "./messages.ts";
import type { WorkerPool } from "./pool.ts";
import { groupStages } from "./stages.ts";

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
  readonly #layout: ProgramLayout;
  /** Address of the program's block in the shared memory. */
  readonly #base: number;
  #disposed = false;

  /** @throws {EngineError} `engine.out-of-memory`, `engine.unknown-kernel` */
  constructor(id: number, program: Program, maxLanes: number, heap: SharedHeap, pool: WorkerPool, enqueue: Enqueue) {
    this.#id = id;
    this.#program = program;
    this.maxLanes = maxLanes;
    this.#heap = heap;
    this.#pool = pool;
    this.#enqueue = enqueue;
    this.#layout = layOut(program, maxLanes, pool.threads);
    this.bytes = this.#layout.bytes;
    this.#base = heap.allocate(this.bytes);
    for (const call of this.#layout.calls.keys()) writeArguments(heap.memory.buffer, this.#base, this.#layout, call);
    this.#load();
  }

  #load(): void {
    const { calls, laneQueueOffset, scratchOffset, scratchBytes } = this.#layout;
    const describe = (call: KernelCall): WorkerCall => {
      const { argsOffset, items } = calls.get(call) as PlacedCall;
      return { kernel: call.kernel, args: this.#base + argsOffset, items };
    };
    const sections: Record<string, WorkerStage[]> = {};
    for (const [name, list] of Object.entries(this.#program.sections)) {
      sections[name] = groupStages(list).map((stage) => stage.map(describe));
    }
    this.#pool.tell((thread) => ({
      kind: "load",
      program: this.#id,
      sections,
      scratch: this.#base + scratchOffset + thread * scratchBytes,
      laneQueue: this.#base + laneQueueOffset,
    }));
  }

  run(section: string, repeat: number, lanes: number): Promise<void> {
    if (!this.#program.sections[section]) throw new Error(`The program has no section "${section}".`);
    if (!(lanes >= 1 && lanes <= this.maxLanes)) throw new Error(`${lanes} lanes, compiled for ${this.maxLanes}.`);
    return this.#enqueue(() => {
      this.#assertUsable();
      const queue = this.#base + this.#layout.laneQueueOffset;
      new Uint8Array(this.#heap.memory.buffer, queue, lanes * LANE_SLOT_BYTES).fill(0);
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
    const place = this.#layout.places[buffer];
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
