/** Builds `dist/`: CLI, daemon, trainer and CPU worker as ESM bundles, kernels as WebAssembly. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { buildKernels } from "../daemon/engine/cpu/build.mjs";
import { root } from "./toolchain.mjs";

const dist = join(root, "dist");
const stamp = join(dist, ".built");

/** Newest change below a folder, in milliseconds. */
function newest(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

function isFresh() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  const sources = ["daemon", "shaders", "media", ".ci"].filter((folder) => existsSync(join(root, folder)));
  return [
    ...sources.map((folder) => newest(join(root, folder))),
    statSync(join(root, "package-lock.json")).mtimeMs,
  ].every((time) => time <= built);
}

function kernelsAreFresh() {
  const wasm = join(dist, "kernels.wasm");
  return existsSync(wasm) && newest(join(root, "daemon/engine/cpu/wasm")) <= statSync(wasm).mtimeMs;
}

if (process.argv.includes("--if-stale") && isFresh()) process.exit(0);
rmSync(stamp, { force: true });

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
await build({
  absWorkingDir: root,
  entryPoints: {
    igla: "daemon/cli/main.ts",
    daemon: "daemon/main.ts",
    trainer: "daemon/train/main.ts",
    "cpu-worker": "daemon/engine/cpu/worker.ts",
    "gpu-probe": "daemon/train/gpu-probe.ts",
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: true,
  loader: { ".wgsl": "text", ".sql": "text", ".toml": "text" },
  define: { IGLA_VERSION: JSON.stringify(version) },
  logLevel: "warning",
});
if (!kernelsAreFresh()) await buildKernels(dist);
writeFileSync(stamp, `${version}\n`);
