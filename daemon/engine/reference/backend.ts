/** The f64 backend: runs any program with the reference kernels. Slow; for tests and gradient checks. */
import type { Backend, Executable } from "../backend.ts";
import type { NumericArray } from "../kernel.ts";
import { kernelNamed } from "../kernels/registry.ts";
import type { HostArray, KernelCall, Program } from "../program.ts";
import { validateProgram } from "../validate.ts";

export function createReferenceBackend(): Backend {
  return {
    info: { kind: "reference", description: "f64 reference", software: true },
    preferredLanes: 1,
    lost: new Promise(() => {}),
    compile: async (program, maxLanes) => new ReferenceExecutable(program, maxLanes),
    dispose: async () => {},
  };
}

export class ReferenceExecutable implements Executable {
  readonly maxLanes: number;
  readonly bytes: number;
  readonly #program: Program;
  /** Per buffer, per lane (one entry when shared). */
  readonly #data: Float64Array[][];

  constructor(program: Program, maxLanes: number) {
    validateProgram(program);
    this.#program = program;
    this.maxLanes = maxLanes;
    this.#data = program.buffers.map((spec) =>
      Array.from({ length: spec.shared ? 1 : maxLanes }, () => new Float64Array(spec.length)),
    );
    this.bytes = this.#data.flat().reduce((sum, array) => sum + array.byteLength, 0);
  }

  /** Direct access in f64, for finite differences. */
  lane(buffer: number, lane: number): Float64Array {
    const lanes = this.#data[buffer] as Float64Array[];
    return lanes[lanes.length === 1 ? 0 : lane] as Float64Array;
  }

  async run(section: string, repeat: number, lanes: number): Promise<void> {
    const calls = this.#program.sections[section] ?? [];
    for (let r = 0; r < repeat; r++)
      for (let lane = 0; lane < lanes; lane++) for (const call of calls) this.#execute(call, lane);
  }

  #execute(call: KernelCall, lane: number): void {
    const buffers: Record<string, NumericArray> = {};
    for (const [name, view] of Object.entries(call.buffers))
      buffers[name] = this.lane(view.buffer, lane).subarray(view.offset);
    kernelNamed(call.kernel).reference(buffers, call.params);
  }

  async write(buffer: number, lane: number, data: HostArray, offset = 0): Promise<void> {
    this.lane(buffer, lane).set(data, offset);
  }

  async read(buffer: number, lane: number, offset = 0, length?: number): Promise<HostArray> {
    const source = this.lane(buffer, lane).subarray(offset, length === undefined ? undefined : offset + length);
    return this.#program.buffers[buffer]?.dtype === "u32" ? Uint32Array.from(source) : Float32Array.from(source);
  }

  async dispose(): Promise<void> {}
}
