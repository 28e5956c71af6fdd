/**
 * Gives every tensor a place. Activations that are never alive at the same time share a buffer; tensors read
 * and written by one call are alive together and therefore never do (WebGPU forbids it).
 */
import { EngineError } from "../error.ts";
import { kernelNamed } from "../kernels/registry.ts";
import type { BufferSpec, KernelCall, Program, View } from "../program.ts";
import { type Arena, sizeOf, type Tensor, type TensorCall } from "./tensor.ts";

export interface PlannedProgram {
  readonly program: Program;
  /** Buffer index of an arena or a named tensor. @throws when the program has none of that name */
  bufferOf(name: string): number;
  has(name: string): boolean;
}

interface Slot {
  readonly buffer: number;
  dtype: Tensor["dtype"];
  length: number;
}

export function planProgram(
  sections: Readonly<Record<string, readonly TensorCall[]>>,
  arenaLength: number,
): PlannedProgram {
  const planner = new Planner(arenaLength);
  const planned = Object.fromEntries(Object.entries(sections).map(([name, calls]) => [name, planner.section(calls)]));
  return {
    program: { buffers: planner.bufferSpecs(), sections: planned },
    has: (name) => planner.names.has(name),
    bufferOf(name) {
      const buffer = planner.names.get(name);
      if (buffer === undefined) throw new EngineError("engine.bad-view", `The program has no buffer "${name}".`);
      return buffer;
    },
  };
}

class Planner {
  readonly names = new Map<string, number>();
  readonly #buffers: { -readonly [K in keyof BufferSpec]: BufferSpec[K] }[] = [];
  readonly #slots: Slot[] = [];
  readonly #arenaLength: number;

  constructor(arenaLength: number) {
    this.#arenaLength = arenaLength;
  }

  bufferSpecs(): BufferSpec[] {
    for (const slot of this.#slots) (this.#buffers[slot.buffer] as { length: number }).length = slot.length;
    return this.#buffers;
  }

  section(calls: readonly TensorCall[]): KernelCall[] {
    const lastUse = new Map<number, number>();
    calls.forEach((call, i) => {
      for (const tensor of Object.values(call.buffers)) lastUse.set(tensor.id, i);
    });
    const free: Slot[] = [...this.#slots];
    const placed = new Map<number, Slot>();
    return calls.map((call, i) => {
      const buffers: Record<string, View> = {};
      for (const name of Object.keys(kernelNamed(call.kernel).buffers)) {
        const tensor = call.buffers[name];
        if (!tensor) throw new EngineError("engine.bad-view", `${call.kernel}: buffer ${name} is missing.`);
        buffers[name] = this.#place(tensor, free, placed);
      }
      for (const tensor of new Set(Object.values(call.buffers))) {
        const slot = placed.get(tensor.id);
        if (slot && lastUse.get(tensor.id) === i) {
          placed.delete(tensor.id);
          free.push(slot);
        }
      }
      return { kernel: call.kernel, buffers, params: call.params };
    });
  }

  #place(tensor: Tensor, free: Slot[], placed: Map<number, Slot>): View {
    const { storage } = tensor;
    if (storage.kind === "arena") return { buffer: this.#arena(storage.arena), offset: storage.offset };
    if (storage.kind === "named") return { buffer: this.#named(tensor, storage.shared), offset: 0 };
    const slot = placed.get(tensor.id) ?? this.#take(tensor, free);
    placed.set(tensor.id, slot);
    return { buffer: slot.buffer, offset: 0 };
  }

  /** Best fit: the smallest free slot that is large enough, else the largest one grown, else a new one. */
  #take(tensor: Tensor, free: Slot[]): Slot {
    const length = sizeOf(tensor.shape);
    const usable = free.filter((slot) => slot.dtype === tensor.dtype).sort((a, b) => a.length - b.length);
    const slot = usable.find((s) => s.length >= length) ?? usable.at(-1);
    if (!slot) {
      const fresh: Slot = {
        buffer: this.#add(`slot ${this.#slots.length}`, tensor.dtype, length, false),
        dtype: tensor.dtype,
        length,
      };
      this.#slots.push(fresh);
      return fresh;
    }
    free.splice(free.indexOf(slot), 1);
    slot.length = Math.max(slot.length, length);
    return slot;
  }

  #arena(arena: Arena): number {
    return this.names.get(arena) ?? this.#register(arena, "f32", this.#arenaLength, false);
  }

  #named(tensor: Tensor, shared: boolean): number {
    return this.names.get(tensor.name) ?? this.#register(tensor.name, tensor.dtype, sizeOf(tensor.shape), shared);
  }

  #register(name: string, dtype: Tensor["dtype"], length: number, shared: boolean): number {
    const buffer = this.#add(name, dtype, length, shared);
    this.names.set(name, buffer);
    return buffer;
  }

  #add(name: string, dtype: Tensor["dtype"], length: number, shared: boolean): number {
    this.#buffers.push({ name, dtype, length, shared });
    return this.#buffers.length - 1;
  }
}
