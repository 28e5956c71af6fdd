/**
 * Runs a script under a Node that Igla supports: `node .ci/node.mjs SCRIPT [ARGS...]`.
 * The system's Node is used when it is new enough, else the one that .ci/setup.mjs brought from the registry.
 */
import { spawn } from "node:child_process";
import { nodeForIgla } from "./toolchain.mjs";

const child = spawn(nodeForIgla(), process.argv.slice(2), { stdio: "inherit" });
// The terminal sends Ctrl-C to the whole group: forwarding it would make one press look like two.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`Could not start Node: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
