/**
 * The adapter that the WebGPU tests run on: any, software included. Without one the tests are skipped under a
 * name that says so; with IGLA_REQUIRE_WEBGPU=1 its absence is a failure.
 */
import type { Backend } from "../../daemon/engine/backend.ts";
import { listAdapters } from "../../daemon/engine/webgpu/adapters.ts";
import { createWebgpuBackend, type WebgpuOptions } from "../../daemon/engine/webgpu/backend.ts";
import { loadGpu } from "../../daemon/engine/webgpu/native.ts";

const gpu = await loadGpu();
const adapters = await listAdapters(gpu);
const info = (await gpu.requestAdapter())?.info;

export const available = adapters.length > 0;
if (!available && process.env.IGLA_REQUIRE_WEBGPU === "1") {
  throw new Error("IGLA_REQUIRE_WEBGPU is set, but there is no WebGPU adapter.");
}

/** Lanes of a subgroup on devices that have one fixed size and the feature, else 0. */
export const subgroupSize =
  adapters[0]?.features.includes("subgroups") && info?.subgroupMinSize === info?.subgroupMaxSize
    ? (info?.subgroupMaxSize ?? 0)
    : 0;

/** Name of a test group; says why it is skipped where it is. */
export const titled = (title: string): string =>
  available ? `${title} (${adapters[0]?.name})` : `${title} (skipped: no Vulkan adapter; .ci/run installs lavapipe)`;

export const openTestBackend = (options: Partial<WebgpuOptions> = {}): Promise<Backend> =>
  createWebgpuBackend({ gpu, allowSoftware: true, now: () => performance.now(), ...options });

/** Opens a backend and keeps hold of its device, so that a test can destroy it behind the backend's back. */
export async function openWithDevice(): Promise<{ backend: Backend; device: GPUDevice }> {
  let device: GPUDevice | undefined;
  const spying = {
    requestAdapter: async (request?: GPURequestAdapterOptions) => {
      const adapter = await gpu.requestAdapter(request);
      if (!adapter) return null;
      return {
        info: adapter.info,
        limits: adapter.limits,
        features: adapter.features,
        requestDevice: async (descriptor?: GPUDeviceDescriptor) => {
          device = await adapter.requestDevice(descriptor);
          return device;
        },
      };
    },
  } as unknown as GPU;
  const backend = await openTestBackend({ gpu: spying });
  if (!device) throw new Error("The backend opened no device.");
  return { backend, device };
}
