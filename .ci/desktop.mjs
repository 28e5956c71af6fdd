/**
 * The end-to-end tests in a desktop VS Code: `npm run test:desktop [-- VERSION]`, default `stable`. Downloads it once
 * into `.toolchain/` (about 120 MB) and needs a screen. Continuous integration runs the same journeys in code-server.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { downloadAndUnzipVSCode } from "@vscode/test-electron";
import { root, toolchainFolder } from "./toolchain.mjs";

const [version = "stable"] = process.argv.slice(2);
let executable;
try {
  executable = await downloadAndUnzipVSCode({ version, cachePath: join(toolchainFolder, "vscode") });
} catch (error) {
  console.error(`VS Code ${version} could not be downloaded: ${error.message}`);
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/vitest/vitest.mjs"), "run", "test/e2e/workbench.test.ts"],
  { cwd: root, stdio: "inherit", env: { ...process.env, IGLA_DESKTOP: executable } },
);
process.exit(status ?? 1);
