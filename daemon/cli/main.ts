#!/usr/bin/env node
/**
 * Entry of `igla`. No dependency is imported before the version check: on an older Node the imports themselves fail, with
 * messages that help nobody.
 */
import process from "node:process";
import { isNodeTooOld, oldestNode } from "../node-version.mjs";

if (isNodeTooOld()) {
  process.stderr.write(
    `error cli.node-too-old\n  Igla needs Node ${oldestNode} or newer; this is ${process.versions.node}.\n` +
      "  way out: start Igla with `npm start` or `npm run igla --` in its folder, which bring a suitable Node.\n",
  );
  process.exitCode = 1;
} else {
  const { runCli } = await import("./program.ts");
  const { nodeContext } = await import("./context.ts");
  process.exitCode = await runCli(process.argv.slice(2), nodeContext());
}
