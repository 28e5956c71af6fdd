/** Device buffers of a program: one GPUBuffer per program buffer, lanes one behind the other. */
import { EngineError } from "../error.ts";
import type { BufferSpec } from "../program.ts";
import { BufferUsage } from "./constants.ts";
import type { DeviceGuard } from "./device.ts";

/** Lanes start on multiples of 64 elements (256 bytes), so that four-element loads stay aligned. */
const LANE_ALIGNMENT = 64;

export interface DeviceBuffer {
  readonly name: string;
  readonly dtype: "f32" | "u32";
  readonly gpu: GPUBuffer;
  /** Elements of one lane. */
  readonly length: number;
  /** Elements from one lane to the next; 0 for a buffer that all lanes share. */
  readonly stride: number;
  readonly bytes: number;
}

/** @throws {EngineError} `engine.out-of-memory` */
export async function allocate(
  guard: DeviceGuard,
  specs: readonly BufferSpec[],
  maxLanes: number,
): Promise<DeviceBuffer[]> {
  const { maxBufferSize, maxStorageBufferBindingSize } = guard.device.limits;
  const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const sized = specs.map((spec) => {
    const padded = Math.ceil(Math.max(1, spec.length) / LANE_ALIGNMENT) * LANE_ALIGNMENT;
    const bytes = 4 * padded * (spec.shared ? 1 : maxLanes);
    if (bytes > limit) {
      const mib = (n: number): string => `${Math.ceil(n / 2 ** 20)} MiB`;
      throw new EngineError(
        "engine.out-of-memory",
        `Buffer ${spec.name} needs ${mib(bytes)} for ${maxLanes} lanes; the device binds at most ${mib(limit)}.`,
      );
    }
    return { spec, padded, bytes };
  });
  const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;
  const made: GPUBuffer[] = [];
  try {
    return await guard.scoped("buffers", () =>
      sized.map(({ spec, padded, bytes }) => {
        const gpu = guard.device.createBuffer({ label: spec.name, size: bytes, usage });
        made.push(gpu);
        return { ...spec, gpu, bytes, stride: spec.shared ? 0 : padded };
      }),
    );
  } catch (error) {
    for (const gpu of made) gpu.destroy();
    throw error;
  }
}
