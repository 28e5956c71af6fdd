/** Runs the command line that comes with the extension: it has the engine, which this process must not load. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { distUrl } from "../../daemon/paths.ts";
import type { SpawnOptions } from "../../daemon/spawn-daemon.ts";

const outputLimit = 64 * 1024 * 1024;

/**
 * The JSON document that `igla ... --json` printed.
 * @throws {Error} with what the command line said about its failure
 */
export function runCli<T>(
  args: readonly string[],
  cwd: string,
  { execPath, env }: Pick<SpawnOptions, "execPath" | "env">,
  signal: AbortSignal,
): Promise<T> {
  const script = fileURLToPath(distUrl("igla.js"));
  return new Promise((resolve, reject) => {
    execFile(
      execPath ?? process.execPath,
      [script, ...args, "--json"],
      { cwd, env: { ...process.env, ...env, NO_COLOR: "1" }, maxBuffer: outputLimit, signal, windowsHide: true },
      (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout) as T);
        else reject(new Error(failureText(stdout, stderr) || error.message, { cause: error }));
      },
    );
  });
}

/** With `--json` a failure is a document on stdout; what comes before that, text on stderr. */
function failureText(stdout: string, stderr: string): string {
  if (!stdout.trimStart().startsWith("{")) return stderr.trim();
  const { errors = [] } = JSON.parse(stdout) as { errors?: { message: string }[] };
  return errors.map(({ message }) => message).join(" ");
}
