/**
 * Entry of the probe process: lists the WebGPU adapters as JSON. A process of its own, because a broken driver can
 * crash whoever loads it, and because Dawn writes notices to stderr that nobody asked for.
 */
import { listAdapters } from "../engine/webgpu/adapters.ts";
import { loadGpu, releaseGpu } from "../engine/webgpu/native.ts";

const adapters = await listAdapters(await loadGpu());
releaseGpu();
process.stdout.write(JSON.stringify(adapters));
