/** A trainer child process: started with an absolute path, spoken to over Node's IPC, never left behind. */
import { type ChildProcess, fork } from "node:child_process";
import type { TrainerCommand, TrainerEvent } from "../train/messages.ts";

export interface TrainerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Last lines that it wrote to stderr. */
  readonly stderrTail: string;
}

export interface TrainerHandle {
  readonly pid: number | null;
  /** False when the process is already gone. */
  readonly send: (command: TrainerCommand) => boolean;
  readonly kill: () => void;
}

export interface TrainerListener {
  readonly onEvent: (event: TrainerEvent) => void;
  /** Called once, after the last event. */
  readonly onExit: (exit: TrainerExit) => void;
}

export type SpawnTrainer = (listener: TrainerListener) => TrainerHandle;

export interface TrainerCommandLine {
  /** Absolute path of the trainer's script. */
  readonly script: string;
  readonly checkpointFolder: string;
  readonly backend: string;
  readonly env?: NodeJS.ProcessEnv;
}

const stderrLimit = 8_000;
/** Trainers of this process; killed when it exits. A killed daemon's trainer sees its channel close instead. */
const alive = new Set<ChildProcess>();
let exitHookInstalled = false;

function trackUntilExit(child: ChildProcess): void {
  if (!exitHookInstalled) {
    process.on("exit", () => {
      for (const other of alive) other.kill("SIGKILL");
    });
    exitHookInstalled = true;
  }
  alive.add(child);
}

export function spawnTrainerProcess(line: TrainerCommandLine, listener: TrainerListener): TrainerHandle {
  const child = fork(line.script, ["--checkpoints", line.checkpointFolder, "--backend", line.backend], {
    execPath: process.execPath,
    // The daemon's own flags (a debugger's port, say) are not the trainer's.
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, ...line.env },
  });
  trackUntilExit(child);
  let stderrTail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderrTail = (stderrTail + text).slice(-stderrLimit);
  });
  let spawnFailure: string | null = null;
  child.on("message", (message) => listener.onEvent(message as TrainerEvent));
  child.on("error", (error) => {
    spawnFailure ??= error.message;
    // A process that never started reports no exit.
    if (child.pid === undefined) end(null, null);
  });
  // "close" comes after the exit and after the last byte of stderr; messages have been delivered by then.
  child.on("close", (code, signal) => end(code, signal));
  let ended = false;
  function end(code: number | null, signal: string | null): void {
    if (ended) return;
    ended = true;
    alive.delete(child);
    listener.onExit({ code, signal, stderrTail: [spawnFailure ?? "", stderrTail.trim()].join("\n").trim() });
  }
  return {
    pid: child.pid ?? null,
    send(command) {
      if (!child.connected) return false;
      child.send(command);
      return true;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** One line for people: how a trainer ended. */
export function describeExit({ code, signal, stderrTail }: TrainerExit): string {
  const how = signal !== null ? `killed by ${signal}` : `exit code ${code ?? "unknown"}`;
  const hint = signal === "SIGKILL" ? " (the system does this when memory runs out)" : "";
  return stderrTail === "" ? `${how}${hint}` : `${how}${hint}: ${stderrTail}`;
}
