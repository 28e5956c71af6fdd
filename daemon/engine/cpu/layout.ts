/** Where everything of a program lies in its block of the shared memory; offsets in bytes from its start. */
import { EngineError } from "../error.ts";
import { kernelNamed } from "../kernels/registry.ts";
import type { KernelCall, Program } from "../program.ts";
import { type CallPlan, planCall } from "./bindings.ts";
import { align } from "./heap.ts";
import { LANE_SLOT_BYTES } from "./lane-queue.ts";

/** Argument block of a call: 16 buffers of two u32, then up to 16 parameters in f64 (wasm/args.ts). */
const ARGS_BYTES = 256;
const PARAMS_OFFSET = 128;

export interface Place {
  readonly offset: number;
  /** Bytes between two lanes; 0 for shared buffers. */
  readonly stride: number;
}

export interface PlacedCall extends CallPlan {
  readonly argsOffset: number;
}

export interface ProgramLayout {
  /** By buffer. */
  readonly places: readonly Place[];
  readonly calls: ReadonlyMap<KernelCall, PlacedCall>;
  readonly laneQueueOffset: number;
  /** One scratch area per thread, `scratchBytes` apart. */
  readonly scratchOffset: number;
  readonly scratchBytes: number;
  readonly bytes: number;
}

/** Buffers one after the other, lanes of a buffer together. @throws {EngineError} `engine.unknown-kernel` */
export function layOut(program: Program, maxLanes: number, threads: number): ProgramLayout {
  let end = 0;
  const take = (bytes: number): number => {
    const offset = end;
    end += align(bytes);
    return offset;
  };
  const places = program.buffers.map(({ length, shared }): Place => {
    const stride = shared ? 0 : align(4 * length);
    return { offset: take(shared ? 4 * length : stride * maxLanes), stride };
  });
  const calls = new Map<KernelCall, PlacedCall>();
  for (const call of Object.values(program.sections).flat()) {
    if (!calls.has(call)) {
      calls.set(call, { ...planOrThrow(call, threads, maxLanes), argsOffset: take(ARGS_BYTES) });
    }
  }
  const scratchBytes = align(Math.max(0, ...Array.from(calls.values(), (call) => call.scratchBytes)));
  const laneQueueOffset = take(maxLanes * LANE_SLOT_BYTES);
  const scratchOffset = take(threads * scratchBytes);
  return { places, calls, laneQueueOffset, scratchOffset, scratchBytes, bytes: end };
}

function planOrThrow(call: KernelCall, threads: number, lanes: number): CallPlan {
  const plan = planCall(call.kernel, call.params, { threads, lanes });
  if (!plan) throw new EngineError("engine.unknown-kernel", `The CPU backend has no kernel "${call.kernel}".`);
  return plan;
}

/** Fills the argument block of a call; `base` is the address of the program's block. */
export function writeArguments(memory: SharedArrayBuffer, base: number, layout: ProgramLayout, call: KernelCall): void {
  const { argsOffset, extra } = layout.calls.get(call) as PlacedCall;
  const def = kernelNamed(call.kernel);
  const view = new DataView(memory, base + argsOffset, ARGS_BYTES);
  Object.keys(def.buffers).forEach((name, index) => {
    const { buffer, offset } = call.buffers[name] as { buffer: number; offset: number };
    const place = layout.places[buffer] as Place;
    view.setUint32(8 * index, base + place.offset + 4 * offset, true);
    view.setUint32(8 * index + 4, place.stride, true);
  });
  const params = [...def.params.map((name) => call.params[name] as number), ...extra];
  params.forEach((value, index) => {
    view.setFloat64(PARAMS_OFFSET + 8 * index, value, true);
  });
}
