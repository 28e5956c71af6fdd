/** A compute backend for the length of one piece of work, so that the process can exit cleanly afterwards. */
import type { Backend } from "../engine/backend.ts";
import { releaseGpu } from "../engine/webgpu/native.ts";
import { openBackend } from "../train/open-backend.ts";

/** @throws {EngineError} `engine.no-adapter`, and what `work` throws */
export async function withBackend<T>(choice: string | undefined, work: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = await openBackend(choice ?? "auto");
  try {
    return await work(backend);
  } finally {
    await backend.dispose();
    releaseGpu();
  }
}
