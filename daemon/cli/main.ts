#!/usr/bin/env node
/**
 * Entry of `igla`. Nothing is imported before the version check: on an older Node the imports themselves fail, with
 * messages that help nobody.
 */
import process from "node:process";

const OLDEST_MAJOR = 22;
const OLDEST_MINOR = 18;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
  process.stderr.write(
    `error cli.node-too-old\n  Igla needs Node ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer; this is ${process.versions.node}.\n` +
      "  way out: start Igla with `npm start` or `npm run igla --` in its folder, which bring a suitable Node.\n",
  );
  process.exitCode = 1;
} else {
  const { runCli } = await import("./program.ts");
  const { nodeContext } = await import("./context.ts");
  process.exitCode = await runCli(process.argv.slice(2), nodeContext());
}
