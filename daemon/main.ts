/**
 * Entry of the daemon process: `node daemon.js --workspace DIR [--backend NAME]`. Checks the version of Node first,
 * because the database driver crashes older ones on import.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { isNodeTooOld, oldestNode } from "./node-version.mjs";

/** For people a message, for `spawnDaemon` the last line. */
function fail({
  code,
  message,
  action,
  detail,
}: {
  code: string;
  message: string;
  action: string;
  detail: string;
}): void {
  process.stderr.write(`error ${code}\n  ${message}\n  way out: ${action}\n${JSON.stringify({ code, detail })}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  // Whoever started the daemon may be gone and have closed the pipe; the log file remains.
  process.stderr.on("error", () => undefined);
  const { IglaError, toIglaError } = await import("./protocol/errors.ts");
  try {
    if (isNodeTooOld()) {
      throw new IglaError("daemon.node-too-old", `This is ${process.versions.node}; ${oldestNode} is the oldest.`);
    }
    const { values } = parseArgs({
      options: {
        workspace: { type: "string" },
        backend: { type: "string", default: "auto" },
        "trainer-script": { type: "string" },
      },
    });
    if (values.workspace === undefined) throw new IglaError("daemon.no-workspace", "--workspace is missing.");
    const { startDaemon } = await import("./app.ts");
    const script = values["trainer-script"];
    const daemon = await startDaemon({
      workspace: values.workspace,
      backend: values.backend,
      ...(script === undefined ? {} : { trainerScript: script }),
    });
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void daemon.stop());
    const failure = await daemon.stopped;
    if (failure !== null) fail(failure);
  } catch (error) {
    fail(toIglaError(error));
  }
}

await run();
