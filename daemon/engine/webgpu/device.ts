/** A WebGPU device with its failures turned into engine errors. */
import { EngineError } from "../error.ts";
import { ADAPTER_LIMITS, type FoundAdapter } from "./adapters.ts";
import type { DeviceProfile } from "./pass.ts";

const WANTED_FEATURES = ["subgroups", "shader-f16", "timestamp-query"] as const;

/** Threads of a cooperating workgroup where no fixed subgroup size is known. */
const WORKGROUP_THREADS = 64;
/** Starting a workgroup costs a software rasteriser far more than a GPU, so each takes several rows. */
const SOFTWARE_ROWS = 8;

/**
 * How kernels are shaped on a device. Tests force `workgroup`: on a rasteriser that has subgroups it gives the
 * kernels that GPUs without them run.
 */
export function profileOf(found: FoundAdapter, reduce?: DeviceProfile["reduce"]): DeviceProfile {
  const { subgroupMinSize = 0, subgroupMaxSize = 0 } = found.adapter.info;
  const fixed = found.adapter.features.has("subgroups") && subgroupMinSize === subgroupMaxSize ? subgroupMaxSize : 0;
  const mode = reduce ?? (fixed > 0 ? "subgroup" : "workgroup");
  const software = found.summary.type === "software";
  return {
    reduce: mode,
    group: mode === "subgroup" ? fixed : WORKGROUP_THREADS,
    rowsPerGroup: software ? SOFTWARE_ROWS : 1,
    subgroup: fixed,
    sharing: software && mode === "subgroup" ? "broadcast" : "workgroup",
    unroll: !software,
  };
}

/** @throws {EngineError} `engine.no-adapter` when the driver refuses to create a device */
export async function openDevice(found: FoundAdapter): Promise<DeviceGuard> {
  const { adapter, summary } = found;
  const requiredFeatures = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(ADAPTER_LIMITS.map((name) => [name, adapter.limits[name]]));
  try {
    const device = await adapter.requestDevice({ label: "igla", requiredFeatures, requiredLimits });
    return new DeviceGuard(device);
  } catch (cause) {
    throw new EngineError("engine.no-adapter", `${summary.name} did not open: ${messageOf(cause)}`, { cause });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Waits and calls on a device that may be lost at any moment. */
export class DeviceGuard {
  readonly device: GPUDevice;
  /** Resolves when the device fails; never when it is closed by `close`. */
  readonly lost: Promise<{ readonly reason: string }>;
  #failure: EngineError | Error | null = null;
  #closed = false;
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(device: GPUDevice) {
    this.device = device;
    device.onuncapturederror = (event) => {
      this.#failure ??= toError("outside any call", event.error);
    };
    this.lost = new Promise((resolve) => {
      device.lost.then((info) => {
        const reason = info.message || info.reason || "unknown";
        const code = this.#closed ? "engine.disposed" : "engine.device-lost";
        this.#failure = new EngineError(code, this.#closed ? "The device was closed." : `Device lost: ${reason}`);
        for (const reject of this.#waiting) reject(this.#failure);
        this.#waiting.clear();
        if (!this.#closed) resolve({ reason });
      });
    });
  }

  /** @throws the first error that no call has reported: device loss, uncaptured validation errors */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /**
   * Runs synchronous device calls and reports what they did wrong under the name `what`.
   * @throws {EngineError} `engine.out-of-memory`, `engine.device-lost`
   * @throws {Error} on validation errors: bugs of the backend or of a shader
   */
  async scoped<T>(what: string, calls: () => T): Promise<T> {
    this.check();
    const { device } = this;
    device.pushErrorScope("internal");
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    let result: T;
    let errors: (GPUError | null)[];
    try {
      result = calls();
    } finally {
      // Popped on every path, in the same turn, so that scopes of other calls cannot interleave.
      errors = [];
      const popped = [device.popErrorScope(), device.popErrorScope(), device.popErrorScope()];
      errors = await this.until(Promise.all(popped));
    }
    const error = errors.find((candidate) => candidate !== null);
    if (error) throw toError(what, error);
    return result;
  }

  /** The promise's value, or a rejection as soon as the device is lost. */
  until<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting.add(reject);
      promise.then(resolve, (cause) => reject(this.#failure ?? cause)).finally(() => this.#waiting.delete(reject));
    });
  }

  close(): void {
    this.#closed = true;
    this.device.destroy();
  }
}

function toError(what: string, error: GPUError): Error {
  const name = error.constructor.name;
  if (name === "GPUOutOfMemoryError") {
    return new EngineError("engine.out-of-memory", `The device is out of memory (${what}): ${error.message}`);
  }
  return new Error(`WebGPU ${name} in ${what}: ${error.message}`);
}
