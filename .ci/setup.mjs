/**
 * Brings a clone into a state in which it runs: dependencies, a Node that is new enough, the build.
 * Does only what is missing or stale, so a second call takes a moment. Node built-ins only.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  broughtNode,
  NODE_RANGE,
  nodeForIgla,
  nodePackage,
  root,
  systemNodeIsNewEnough,
  toolchainFolder,
} from "./toolchain.mjs";

/** npm of the running `npm start`, else the one on the path. */
function npm(args) {
  const script = process.env.npm_execpath;
  const [command, all] = script?.endsWith(".js") ? [process.execPath, [script, ...args]] : ["npm", args];
  const result = spawnSync(command, all, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: command === "npm" && process.platform === "win32",
  });
  if (result.status !== 0) {
    console.error(
      `\n"npm ${args.join(" ")}" failed. Igla needs the npm registry for its first start; check the network and run the command again.`,
    );
    process.exit(result.status ?? 1);
  }
}

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

const installed = modified(join(root, "node_modules", ".package-lock.json"));
if (installed < modified(join(root, "package-lock.json"))) {
  console.error("Igla: installing dependencies ...");
  npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

if (!systemNodeIsNewEnough() && !existsSync(broughtNode())) {
  console.error(
    `Igla: Node ${process.versions.node} is too old for its database; bringing Node ${NODE_RANGE} from the registry ...`,
  );
  mkdirSync(toolchainFolder, { recursive: true });
  writeFileSync(join(toolchainFolder, "package.json"), '{ "private": true }\n');
  npm([
    "install",
    "--prefix",
    toolchainFolder,
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    `${nodePackage()}@${NODE_RANGE}`,
  ]);
}

const build = spawnSync(nodeForIgla(), [join(root, ".ci", "build.mjs"), "--if-stale"], { stdio: ["ignore", 2, 2] });
process.exit(build.status ?? 1);
