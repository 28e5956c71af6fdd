/** The WebGPU adapters of this machine, found without risk to the calling process. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { AdapterSummary } from "../engine/webgpu/adapters.ts";
import { distUrl } from "../paths.ts";

/** A driver that needs longer than this to say what it is does not train either. */
const TIMEOUT_MS = 20_000;

export type AdapterSearch =
  | { readonly kind: "found"; readonly adapters: readonly AdapterSummary[] }
  /** WebGPU cannot be loaded here: no binary for the platform, or a driver that crashes. */
  | { readonly kind: "unavailable"; readonly reason: string };

export function findGpuAdapters(): Promise<AdapterSearch> {
  return new Promise((resolve) => {
    const script = fileURLToPath(distUrl("gpu-probe.js"));
    execFile(process.execPath, [script], { timeout: TIMEOUT_MS, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      const adapters = parse(stdout);
      if (adapters) resolve({ kind: "found", adapters });
      else resolve({ kind: "unavailable", reason: reasonOf(error, stderr) });
    });
  });
}

/** Null where the probe did not get to its answer; a crash on the way out does not count. */
function parse(stdout: string): AdapterSummary[] | null {
  try {
    return JSON.parse(stdout) as AdapterSummary[];
  } catch {
    return null;
  }
}

function reasonOf(error: Error | null, stderr: string): string {
  const { signal } = (error ?? {}) as { signal?: string };
  if (signal) return `the graphics driver ended the probe with ${signal}`;
  const message = /^\w*Error: (.+)$/m.exec(stderr)?.[1];
  return message ?? error?.message ?? "the probe gave no answer";
}
