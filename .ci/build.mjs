/** Builds `dist/`: CLI, daemon, trainer and CPU worker as ESM bundles, kernels as WebAssembly. */
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
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

/** What decides a number: all of the daemon's sources and shaders, by content. Line ends do not count. */
function hashOfSources() {
  const hash = createHash("sha256");
  const files = ["daemon", "shaders"].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs|wgsl|sql|toml)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const named = files.map((file) => [relative(root, file).replaceAll("\\", "/"), file]);
  for (const [name, file] of named.sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\n${readFileSync(file, "utf8").replaceAll("\r\n", "\n")}\n`);
  }
  return hash.digest("hex");
}

function isFresh() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  const sources = ["daemon", "extension", "shaders", "media", ".ci"].filter((folder) => existsSync(join(root, folder)));
  return [
    ...sources.map((folder) => newest(join(root, folder))),
    statSync(join(root, "package-lock.json")).mtimeMs,
  ].every((time) => time <= built);
}

function kernelsAreFresh() {
  const wasm = join(dist, "kernels.wasm");
  return existsSync(wasm) && newest(join(root, "daemon/engine/cpu/wasm")) <= statSync(wasm).mtimeMs;
}

/** An entry point, where the checkout has it. */
function ifThere(name, path) {
  return existsSync(join(root, path)) ? { [name]: path } : {};
}

/** The text for a first start without network (daemon/data/stand-in.ts); an installed extension has no TypeScript. */
function standIn() {
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  const platform = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
  return join(dirname(createRequire(typescript).resolve(platform)), "lib", "lib.dom.d.ts");
}

/** The language client's library is larger than the rest of the extension and is needed with the first race file only. */
const languageApart = {
  name: "language-apart",
  setup(build) {
    build.onResolve({ filter: /\/language-session\.ts$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./language-session.cjs", external: true },
    );
  },
};

if (process.argv.includes("--if-stale") && isFresh()) process.exit(0);
rmSync(stamp, { force: true });
// Chunks are named by content: old ones would stay for ever.
for (const file of existsSync(dist) ? readdirSync(dist) : []) if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file));

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** Only what has a native part stays outside the bundles; a packaged extension carries these two and nothing else. */
const native = ["better-sqlite3", "webgpu"];
const common = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: true,
  loader: { ".wgsl": "text", ".sql": "text", ".toml": "text" },
  // Its entry for CommonJS requires its parts by names that no bundler follows.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  define: { IGLA_VERSION: JSON.stringify(version), IGLA_SOURCES: JSON.stringify(hashOfSources()) },
  logLevel: "warning",
};

await Promise.all([
  build({
    ...common,
    entryPoints: {
      igla: "daemon/cli/main.ts",
      daemon: "daemon/main.ts",
      trainer: "daemon/train/main.ts",
      "cpu-worker": "daemon/engine/cpu/worker.ts",
      "gpu-probe": "daemon/train/gpu-probe.ts",
      ...ifThere("lsp", "daemon/lsp/main.ts"),
    },
    outdir: dist,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: native,
    // CommonJS packages inside an ESM bundle still call require.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
  }),
  build({
    ...common,
    entryPoints: {
      ...ifThere("extension", "extension/main.ts"),
      ...ifThere("language-session", "extension/features/language-session.ts"),
    },
    plugins: [languageApart],
    // A plain require, which the extension host hands its own modules through.
    supported: { "dynamic-import": false },
    outdir: dist,
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    platform: "node",
    target: "node22",
    minify: true,
    external: [...native, "vscode"],
    // Shared modules ask where they are; a CommonJS bundle has no import.meta.
    define: { ...common.define, "import.meta.url": "moduleUrl" },
    banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
  }),
  build({
    ...common,
    entryPoints: ifThere("chart", "extension/webview/chart/main.ts"),
    outdir: join(dist, "webview"),
    format: "iife",
    platform: "browser",
    target: "es2022",
    minify: true,
  }),
]);
if (!kernelsAreFresh()) await buildKernels(dist);
copyFileSync(standIn(), join(dist, "lib.dom.d.ts"));
// What `igla init` writes.
rmSync(join(dist, "starter"), { recursive: true, force: true });
for (const part of ["assertions", "proofs"]) {
  cpSync(join(root, "daemon/starter", part), join(dist, "starter", part), { recursive: true });
}
// Colours for proofs; .ci/vsix/notices.ts carries its licence.
copyFileSync(join(root, "node_modules/tm-grammars/grammars/coq.json"), join(dist, "coq.tmLanguage.json"));
writeFileSync(stamp, `${version}\n`);
