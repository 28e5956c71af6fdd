/** Runs the command line that comes with the extension: it has the engine, which this process must not load. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { distUrl } from "../../daemon/paths.ts";
import type { SpawnOptions } from "../../daemon/spawn-daemon.ts";

const outputLimit = 64 * 1024 * 1024;
/** Of `igla`: the command failed, or what it was asked does not hold. */
const failed = 1;

/**
 * The JSON document that `igla ... --json` printed. It is an answer too where the command ends with 1 because what was
 * asked does not hold: the document then has no `errors`.
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
        const document = parsed(stdout);
        const isAnswer = error === null || (error.code === failed && document?.errors === undefined);
        if (document !== undefined && isAnswer) resolve(document as T);
        else reject(new Error(failureText(document, stderr) || (error?.message ?? stdout), { cause: error }));
      },
    );
  });
}

interface Document {
  readonly errors?: readonly { readonly message: string }[];
}

/** Undefined: what was printed is no document, or only its beginning. */
function parsed(stdout: string): Document | undefined {
  try {
    return JSON.parse(stdout) as Document;
  } catch {
    return undefined;
  }
}

/** With `--json` a failure is a document on stdout; what comes before that, text on stderr. */
function failureText(document: Document | undefined, stderr: string): string {
  return document?.errors?.map(({ message }) => message).join(" ") ?? stderr.trim();
}
