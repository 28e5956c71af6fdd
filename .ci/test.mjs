/** Everything that `npm test` checks: build, types, lint, unused code, then the tests. Stops at the first failure. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./toolchain.mjs";

const bin = (path) => join(root, "node_modules", path);
const steps = [
  ["types", bin("typescript/bin/tsc"), ["-p", root]],
  ["webview types", bin("typescript/bin/tsc"), ["-p", join(root, "extension/webview")]],
  ["lint", bin("@biomejs/biome/bin/biome"), ["check", "--error-on-warnings", root]],
  ["unused", bin("knip/bin/knip.js"), []],
];
if (!process.argv.includes("--static-only")) {
  steps.push(["tests", bin("vitest/vitest.mjs"), ["run", ...process.argv.slice(2)]]);
}
for (const [name, script, args] of steps) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    console.error(`\nnpm test: the step "${name}" failed.`);
    process.exit(status ?? 1);
  }
}
