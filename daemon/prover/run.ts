/**
 * One run of a prover: no shell, an absolute executable, a small environment, its own process group, and limits. On Linux
 * the kernel ends it when this process dies, and bubblewrap makes everything but its own folder read-only, where installed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { ProverLimits } from "./limits.ts";

export interface RunRequest {
  /** Absolute. */
  readonly executable: string;
  readonly args: readonly string[];
  /** HOME, TMPDIR and working directory; the only place that may be written to. */
  readonly folder: string;
  readonly wallMs: number;
  readonly limits: ProverLimits;
  readonly signal?: AbortSignal | undefined;
}

export type RunResult =
  /** Paths in `stderr` are relative to the run's folder, as its readers know them. */
  | { readonly kind: "exited"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" }
  | { readonly kind: "crashed"; readonly detail: string };

const running = new Set<ChildProcess>();
// Where the kernel does not end them with this process, this process does, unless it is killed itself.
process.on("exit", () => {
  for (const child of running) killGroup(child);
});

/** Ends with the group: nothing that the prover started stays behind. */
export function runProver(request: RunRequest): Promise<RunResult> {
  const { folder, wallMs, limits, signal } = request;
  if (signal?.aborted === true) return Promise.resolve({ kind: "aborted" });
  const [command = request.executable, ...args] = guarded(request);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: environment(folder),
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    running.add(child);
    let end: RunResult | null = null;
    const stop = (result: RunResult): void => {
      end ??= result;
      killGroup(child);
    };
    const timer = setTimeout(() => stop({ kind: "timeout" }), wallMs);
    const onAbort = (): void => stop({ kind: "aborted" });
    signal?.addEventListener("abort", onAbort, { once: true });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        output.bytes += chunk.length;
        if (output.bytes <= limits.outputBytes) output[name].push(chunk);
        else stop({ kind: "crashed", detail: `it printed more than ${limits.outputBytes} bytes` });
      });
    }
    child.once("error", (error) => stop({ kind: "crashed", detail: error.message }));
    child.once("close", (code, name) => {
      running.delete(child);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      // Whatever it left in its group goes with it.
      killGroup(child);
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
      const stderr = text(output.stderr).replaceAll(`${folder}/`, "").replaceAll(folder, ".");
      if (end !== null) resolve(end);
      else if (code === null) resolve({ kind: "crashed", detail: `it was ended by ${name}` });
      else resolve({ kind: "exited", code, stdout: text(output.stdout), stderr });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch (error) {
    // The group has ended already; macOS says EPERM while the last of it is waited for.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/**
 * Nothing of the user's environment: no tokens, no COQPATH, no library paths. Coq loads what lies in `coq` below the data
 * folder, under any name, and looks for that in HOME, where the checked sources are: so it is told of one that holds nothing.
 */
function environment(folder: string): NodeJS.ProcessEnv {
  // A file: there is nothing below it, and nobody can put something there.
  const nowhere = process.execPath;
  const data = { XDG_DATA_HOME: nowhere, XDG_CONFIG_HOME: nowhere, XDG_CACHE_HOME: nowhere };
  const base = { HOME: folder, TMPDIR: folder, LANG: "C.UTF-8", PATH: "/usr/bin:/bin", ...data };
  if (process.platform !== "win32") return base;
  return { ...base, TEMP: folder, TMP: folder, USERPROFILE: folder, SystemRoot: process.env.SystemRoot };
}

const tool = (name: string): string | null => {
  const path = `/usr/bin/${name}`;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return null;
  }
};
const isLinux = process.platform === "linux";
const prlimit = isLinux ? tool("prlimit") : null;
const setpriv = isLinux ? tool("setpriv") : null;
let bubblewrap = isLinux ? tool("bwrap") : null;

/** What cannot be used on this machine is left out; `probeSandbox` finds that out once. */
export async function probeSandbox(folder: string, limits: ProverLimits): Promise<void> {
  if (bubblewrap === null) return;
  const result = await runProver({ executable: "/usr/bin/true", args: [], folder, wallMs: 5000, limits });
  if (result.kind !== "exited" || result.code !== 0) bubblewrap = null;
}

/** Which of the protections work here, for `igla doctor`. */
export function protections(): string[] {
  return [prlimit && "prlimit", setpriv && "setpriv", bubblewrap && "bwrap"].filter((name) => name !== null);
}

/** The command line with everything in front of it that holds it back; each of these becomes the next by exec. */
function guarded({ executable, args, folder, wallMs, limits }: RunRequest): string[] {
  const cpuSec = Math.ceil(wallMs / 1000) + 1;
  const limit =
    prlimit === null
      ? []
      : [prlimit, `--cpu=${cpuSec}`, `--as=${limits.memoryBytes}`, `--fsize=${limits.fileBytes}`, "--core=0", "--"];
  const withParent = setpriv === null ? [] : [setpriv, "--pdeathsig=KILL", "--"];
  const box =
    bubblewrap === null
      ? []
      : // biome-ignore format: one option and its arguments in a row read better than one word a line
        [bubblewrap, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", folder, folder,
         "--unshare-net", "--unshare-ipc", "--die-with-parent", "--chdir", folder, "--"];
  return [...limit, ...withParent, ...box, executable, ...args];
}
