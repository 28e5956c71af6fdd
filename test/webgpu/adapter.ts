/**
 * The adapter that the WebGPU tests run on: any, software included. Without one the tests are skipped under a
 * name that says so; with IGLA_REQUIRE_WEBGPU=1 its absence is a failure.
 */
import { listAdapters } from "../../daemon/engine/webgpu/adapters.ts";
import { createWebgpuBackend, type WebgpuOptions } from "../../daemon/engine/webgpu/backend.ts";
import { loadGpu } from "../../daemon/engine/webgpu/native.ts";

const gpu = await loadGpu();
const adapters = await listAdapters(gpu);

export const available = adapters.length > 0;
if (!available && process.env.IGLA_REQUIRE_WEBGPU === "1") {
  throw new Error("IGLA_REQUIRE_WEBGPU is set, but there is no WebGPU adapter.");
}

/** Name of a test group; says why it is skipped where it is. */
export const titled = (title: string): string =>
  available ? `${title} (${adapters[0]?.name})` : `${title} (skipped: no Vulkan adapter; .ci/run installs lavapipe)`;

export const openTestBackend = (options: Partial<WebgpuOptions> = {}) =>
  createWebgpuBackend({ gpu, allowSoftware: true, now: () => performance.now(), ...options });
