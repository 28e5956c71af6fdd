/** The two interfaces between the engine and whatever executes it. */
import type { HostArray, Program } from "./program.ts";

export type BackendKind = "webgpu" | "cpu" | "reference";

export interface BackendInfo {
  readonly kind: BackendKind;
  /** What the user reads: adapter name and driver, or "WASM SIMD, 2 threads". */
  readonly description: string;
  /** True when a WebGPU adapter is a software rasteriser (lavapipe, SwiftShader). */
  readonly software: boolean;
}

export interface Backend {
  readonly info: BackendInfo;
  /** Lane count that uses the device well for small models; the race packs up to this many trials. */
  readonly preferredLanes: number;
  /** Resolves when the device fails for good; never rejects. */
  readonly lost: Promise<{ readonly reason: string }>;
  /** @throws {EngineError} `engine.unknown-kernel`, `engine.bad-view`, `engine.out-of-memory` */
  compile(program: Program, maxLanes: number): Promise<Executable>;
  dispose(): Promise<void>;
}

export interface Executable {
  readonly maxLanes: number;
  /** Bytes held on the device. */
  readonly bytes: number;
  /**
   * Queues `repeat` executions of a section over lanes 0..lanes-1 and resolves when they are done.
   * A lane's result depends neither on `lanes`, nor on its index, nor on how work is split into calls.
   */
  run(section: string, repeat: number, lanes: number): Promise<void>;
  /** Copies into one lane of a buffer (lane 0 for shared buffers). Offset and length in elements. */
  write(buffer: number, lane: number, data: HostArray, offset?: number): Promise<void>;
  /** Copies out of one lane. Returns Float32Array or Uint32Array by the buffer's dtype. */
  read(buffer: number, lane: number, offset?: number, length?: number): Promise<HostArray>;
  dispose(): Promise<void>;
}
