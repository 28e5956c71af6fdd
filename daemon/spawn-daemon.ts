/** Starts a workspace's daemon as a process of its own that outlives the caller. Loads neither SQLite nor sockets of it. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { distUrl } from "./paths.ts";
import { IglaError, isErrorCode } from "./protocol/errors.ts";
import type { DaemonFile } from "./rpc/daemon-file.ts";
import { probeDaemon } from "./rpc/probe.ts";

export interface SpawnOptions {
  readonly backend?: string;
  /** The Node.js, or the Electron told to be one, that runs the daemon; default: this process's own. */
  readonly execPath?: string;
  /** Absolute path of the daemon's script; default: the built one. */
  readonly script?: string;
  /** Further arguments. */
  readonly args?: readonly string[];
  /** Laid over this process's environment; `undefined` takes a variable away. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

const pollMs = 50;
const stderrLimit = 4000;

/**
 * Returns when the daemon answers. One that runs already is returned as it is.
 * @throws {IglaError} the failure that the new process reported, or `daemon.start-failed` with what it wrote
 */
export async function spawnDaemon(workspace: string, options: SpawnOptions = {}): Promise<DaemonFile> {
  const running = await probeDaemon(workspace);
  if (running !== null) return running;
  const script = options.script ?? fileURLToPath(distUrl("daemon.js"));
  const args = [script, "--workspace", workspace, "--backend", options.backend ?? "auto", ...(options.args ?? [])];
  const child = spawn(options.execPath ?? process.execPath, args, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...options.env },
    windowsHide: true,
  });
  try {
    return await untilAnswering(child, workspace, options.timeoutMs ?? 30_000);
  } finally {
    // From here on the daemon is on its own; it writes to its log file.
    child.stderr?.destroy();
    child.unref();
  }
}

async function untilAnswering(child: ChildProcess, workspace: string, timeoutMs: number): Promise<DaemonFile> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-stderrLimit);
  });
  const ended = Promise.withResolvers<null>();
  child.once("error", (error) => {
    stderr += error.message;
    ended.resolve(null);
  });
  child.once("close", () => ended.resolve(null));
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const pause = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), pollMs));
    if ((await Promise.race([ended.promise, pause])) === null) throw startFailure(stderr);
    const file = await probeDaemon(workspace);
    if (file !== null) return file;
  }
  child.kill();
  throw new IglaError("daemon.start-failed", `It did not answer within ${timeoutMs / 1000} s. ${stderr}`.trim());
}

/** `main.ts` writes its failure as one JSON line; anything else is passed on as it is. */
function startFailure(stderr: string): IglaError {
  for (const line of stderr.split("\n").toReversed()) {
    if (!line.startsWith('{"code":')) continue;
    const { code, detail } = JSON.parse(line) as { code: unknown; detail: unknown };
    if (isErrorCode(code)) return new IglaError(code, String(detail));
  }
  return new IglaError("daemon.start-failed", stderr.trim());
}
