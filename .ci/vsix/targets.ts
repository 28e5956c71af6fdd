/** The platforms that a package is built for, and the native files that each needs. */

export interface Target {
  readonly name: string;
  /** Below the extension's folder. */
  readonly nativeFiles: readonly string[];
}

const SQLITE = "node_modules/better-sqlite3/prebuilds";
const WEBGPU = "node_modules/webgpu/dist";

/** Dawn loads the shader compilers of Direct3D from beside itself. */
const direct3d = ["d3dcompiler_47.dll", "dxcompiler.dll"];

function target(name: string, webgpuFolder: string, libraries: readonly string[] = []): Target {
  const webgpu = ["dawn.node", ...libraries].map((file) => `${WEBGPU}/${webgpuFolder}/${file}`);
  return { name, nativeFiles: [`${SQLITE}/${name}.node`, ...webgpu] };
}

export const targets: readonly Target[] = [
  target("linux-x64", "linux-x64"),
  target("linux-arm64", "linux-arm64"),
  // One file for both architectures of the Mac.
  target("darwin-arm64", "darwin-universal"),
  target("darwin-x64", "darwin-universal"),
  target("win32-x64", "win32-x64", direct3d),
];

export function isNative(path: string): boolean {
  return /\.(node|dll|so|dylib)$/.test(path);
}
