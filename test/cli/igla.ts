/** Runs the built `igla` in a workspace of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { syntheticCorpus } from "../fixtures/specs.ts";

const script = fileURLToPath(new URL("../../dist/igla.js", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "igla-cli-"));
  readonly #running = new Set<ChildProcess>();

  /** Whom the commands run as, where that is not this process's user. */
  identity: { readonly uid?: number; readonly gid?: number } = {};
  /** The command's environment: an empty user cache and no IGLA_DATA, whatever this machine has. */
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    const { IGLA_DATA: _, ...inherited } = process.env;
    this.env = { ...inherited, XDG_CACHE_HOME: join(this.folder, "cache"), NO_COLOR: "1" };
    writeFileSync(join(this.folder, "text.txt"), syntheticCorpus(40_000));
    writeFileSync(join(this.folder, "tiny.igla.toml"), tinyRace());
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  run(...args: string[]): Promise<Finished> {
    return this.start(...args).finished;
  }

  /** Runs with `--json` and parses the one document on stdout. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the document that it asks for.
  async json(...args: string[]): Promise<{ code: number | null; document: any }> {
    const { code, out } = await this.run(...args, "--json");
    return { code, document: JSON.parse(out) };
  }

  /** `err` so far grows while the process runs. */
  start(...args: string[]): {
    child: ChildProcess;
    finished: Promise<Finished>;
    untilErr: (text: string) => Promise<void>;
  } {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: this.folder,
      env: this.env,
      ...this.identity,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    child.once("close", () => this.#running.delete(child));
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    const finished = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, out, err })));
    const untilErr = async (text: string): Promise<void> => {
      while (!err.includes(text)) {
        if (child.exitCode !== null) throw new Error(`igla ended before it wrote "${text}":\n${out}\n${err}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    return { child, finished, untilErr };
  }

  async daemonPid(): Promise<number> {
    return (await this.json("daemon", "status")).document.daemon.pid;
  }

  async close(): Promise<void> {
    // After a failed test: a race that is still watched would start its daemon again.
    for (const child of this.#running) child.kill("SIGKILL");
    await this.run("daemon", "stop");
    // A daemon that no longer answers may still be closing its files.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/** Six configurations of a model that trains in a moment. `steps`: the last rung. */
export function tinyRace({ name = "tiny", steps = 60 }: { name?: string; steps?: number } = {}): string {
  return `
[data]
corpus = "./text.txt"
[model]
layers = 1
width = 16
heads = 2
context = 16
[optimizer]
batch = 4
[schedule]
warmup = 5
[race]
name = "${name}"
max_trials = 6
report_every_steps = 10
rungs = [{ steps = 20, keep = "1/2" }, { steps = ${steps} }]
[space."optimizer.lr"]
log = [0.001, 0.03]
[space."levers.relu2"]
choice = [true, false]
`;
}
