/**
 * The only file that touches the npm package `webgpu` (Dawn). Loaded on demand, so that a machine without the
 * package or without a working driver still runs everything else.
 *
 * There is one Dawn instance per process. While it is referenced the process cannot exit, and an exit with live
 * devices can crash: dispose the backends, then call `releaseGpu`.
 */
let instance: Promise<GPU> | null = null;

/** @throws whatever the package's loader throws where there is no binary for this platform. */
export function loadGpu(): Promise<GPU> {
  instance ??= import("webgpu").then(({ create }) => create([]));
  return instance;
}

export function releaseGpu(): void {
  instance = null;
}
