/** What commands get from outside: streams, environment, clock, interrupts. Tests pass their own. */
import { ExitCode } from "./exit-codes.ts";
import { Interrupts } from "./interrupts.ts";
import { type OutputStream, Terminal } from "./render/terminal.ts";
import type { Line } from "./render/text.ts";

export interface CliContext {
  /** Results. With `--json`, exactly one JSON document. */
  readonly out: Output;
  /** Progress, messages, errors. */
  readonly progress: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly interrupts: Interrupts;
}

/** stdout: lines for a person, or one document for a program. */
export class Output {
  readonly #stream: OutputStream;
  readonly #terminal: Terminal;

  constructor(stream: OutputStream, env: NodeJS.ProcessEnv) {
    this.#stream = stream;
    this.#terminal = new Terminal(stream, env);
  }

  /** Columns for tables; a pipe has no limit, but a table needs one. */
  get width(): number {
    return this.#terminal.columns ?? 160;
  }

  lines(...lines: readonly Line[]): void {
    this.#terminal.print(...lines);
  }

  /** Text as it is: generated samples. */
  text(text: string): void {
    this.#stream.write(text);
  }

  json(document: unknown): void {
    this.#stream.write(`${JSON.stringify(document, null, 2)}\n`);
  }
}

export function nodeContext(): CliContext {
  const { env, platform } = process;
  // `igla leaderboard | head -3` closes the pipe early: nobody is left to write for.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(ExitCode.failed);
    });
  }
  return {
    out: new Output(process.stdout, env),
    progress: new Terminal(process.stderr, env),
    env,
    cwd: process.cwd(),
    platform,
    now: () => performance.now(),
    interrupts: new Interrupts(process, () => performance.now()),
  };
}
