/** The command line: names, options and help. Commands are loaded when they run, so that `--help` stays quick. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { codeVersion } from "../version.ts";
import type { BenchName } from "./commands/bench.ts";
import type { CliContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { describeFailures, failureLines } from "./failure.ts";

const EPILOGUE = `
Results go to stdout, progress and messages to stderr. NO_COLOR switches colours off.
Exit codes: 0 done, 1 failed, 2 wrong arguments or race file, 130 interrupted.`;

const CHECKED_FOLDER = `
DIR is the folder of the project: the paths in its assertion files (coq_file) are looked for from each
assertion file upwards, up to DIR, as proofs/Phi.v of DIR/assertions/igla_assertions.json is in DIR.
Without DIR it is this folder.`;

const GATE_EPILOGUE = `
A result is admitted when a second run has reproduced it within 24 hours and those are over.
Exit codes: 0 victory, 2 not yet, not reproduced yet or a person has to look first, 3 too few seeds to decide, 4 rejected, 5 no rows,
10 a file cannot be read or the arguments are wrong.`;

const CHECKPOINT_EPILOGUE = `
FILE: a checkpoint, an exported model or any other safetensors file. FILE.sha256 beside it is its published checksum.
Exit codes: 0 ship-ready, 1 not, 10 no safetensors file, it cannot be read, or the arguments are wrong.`;

const FALSIFY_EPILOGUE = `
Exit codes: 0 survived, 3 too few seeds to tell, 4 refuted, dead or invalid, 1 failed, 2 wrong arguments or race file,
130 interrupted.`;

const WORKSPACE: [string, string] = [
  "--workspace <dir>",
  "folder whose .igla holds races and models (default: this one)",
];
const BACKEND: [string, string] = ["--backend <name>", "auto, cpu, webgpu, or webgpu:NAME for a certain adapter"];
const JSON_FLAG: [string, string] = ["--json", "print one JSON document to stdout"];

/** Runs one command line and resolves with the exit code. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const program = new Program(context);
  try {
    return await program.run(args);
  } catch (error) {
    // Help and version arrive as exceptions, too.
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === "commander.help"))
      return ExitCode.ok;
    const exitCode = reportFailure(error, context, program.commandOf(args), args.includes("--json"));
    // Its other codes are verdicts.
    return args[0] === "gate" ? ExitCode.unreadable : exitCode;
  } finally {
    context.progress.close(true);
  }
}

function reportFailure(error: unknown, context: CliContext, command: string, json: boolean): ExitCode {
  const failures = describeFailures(error, command);
  context.progress.close(true);
  context.progress.print(...failures.flatMap(failureLines));
  if (context.env.IGLA_DEBUG && error instanceof Error) context.progress.print([error.stack ?? ""]);
  if (json) context.out.json({ errors: failures.map(({ exitCode: _, excerpt: __, ...failure }) => failure) });
  return failures[0]?.exitCode ?? ExitCode.failed;
}

class Program {
  readonly #context: CliContext;
  readonly #root: Command;
  #exitCode: ExitCode = ExitCode.ok;

  constructor(context: CliContext) {
    this.#context = context;
    this.#root = new Command("igla")
      .description("Races small language models on this machine and says which improvement survives.")
      .version(codeVersion)
      .exitOverride()
      .configureOutput({
        writeOut: (text) => context.out.text(text),
        // The help of a command that needs a subcommand; it is an answer, as that of `igla` alone.
        writeErr: (text) => context.out.text(text),
        outputError: () => undefined,
      })
      .addHelpText("after", EPILOGUE);
    this.#addLookingCommands();
    this.#addTrainingCommands();
    this.#addModelCommands();
    this.#addProofCommands();
    this.#addLedgerCommands();
    this.#addGateCommands();
    this.#addBench();
    this.#addAgents();
    this.#addDaemonCommands();
  }

  async run(args: readonly string[]): Promise<ExitCode> {
    if (args.length === 0) this.#root.help();
    await this.#root.parseAsync([...args], { from: "user" });
    return this.#exitCode;
  }

  /** `igla invariants check`: as far as the arguments name a command. */
  commandOf(args: readonly string[]): string {
    const names = [this.#root.name()];
    let command: Command | undefined = this.#root;
    for (const arg of args) {
      command = command.commands.find((one) => one.name() === arg);
      if (command === undefined) break;
      names.push(arg);
    }
    return names.join(" ");
  }

  /** A command whose `work` gives the exit code. */
  #add(parent: Command, usage: string, description: string, options: readonly OptionLine[], work: Work): Command {
    const command = parent.command(usage).description(description);
    for (const [flags, text, parse, preset] of options) {
      if (parse === undefined) command.option(flags, text);
      else command.option(flags, text, parse, preset);
    }
    command.action(async (...parameters: unknown[]) => {
      const positional = parameters.slice(0, -2) as (string | undefined)[];
      this.#exitCode = await work(command.opts(), ...positional);
    });
    return command;
  }

  #addLookingCommands(): void {
    const context = this.#context;
    this.#add(
      this.#root,
      "doctor",
      "check what this machine offers; exit 1 if races cannot run",
      [JSON_FLAG],
      async (options) => (await import("./commands/doctor.ts")).doctor(context, options),
    );
    this.#add(
      this.#root,
      "status",
      "what the daemon is doing, and the races here",
      [WORKSPACE, JSON_FLAG],
      async (options) => (await import("./commands/status.ts")).status(context, options),
    );
    const limit: OptionLine = ["--limit <n>", "rows to show", count(1000), 20];
    const raceOption: OptionLine = ["--race <id>", "only this race"];
    this.#add(
      this.#root,
      "leaderboard",
      "best trials first",
      [raceOption, limit, WORKSPACE, JSON_FLAG],
      async (options) => (await import("./commands/leaderboard.ts")).leaderboard(context, options),
    );
  }

  #addTrainingCommands(): void {
    const context = this.#context;
    const seed: OptionLine = ["--seed <n>", "seed of initial weights, data order and dropout", whole(0, 0xffffffff)];
    const steps: OptionLine = ["--steps <n>", "training steps (default: the last rung)", count()];
    const initFrom: OptionLine = [
      "--init-from <file>",
      "start from the parameters of a checkpoint or an exported model",
    ];
    const strict: OptionLine = ["--strict-tokens", "refuse to train on fewer than 20 bytes for each parameter"];
    this.#add(
      this.#root,
      "train <config>",
      "train one trial of a race file, with a progress bar",
      [seed, steps, initFrom, strict, BACKEND, WORKSPACE, JSON_FLAG],
      async (options, config = "") => (await import("./commands/train.ts")).train(context, config, options),
    );
    const budget: OptionLine = ["--budget-steps <n>", "stop starting work after this many training steps", count()];
    const stop: OptionLine = ["--stop-on-exit", "Ctrl-C stops the race instead of leaving it to the daemon"];
    this.#add(
      this.#root,
      "race <config>",
      "run a race to its end; an unfinished one goes on",
      [budget, stop, BACKEND, WORKSPACE, JSON_FLAG],
      async (options, config = "") => (await import("./commands/race.ts")).race(context, config, options),
    );
    this.#addFalsify();
    this.#add(
      this.#root,
      "demo",
      "a race of a few minutes, its leaderboard and a text sample",
      [BACKEND, JSON_FLAG],
      async (options) => (await import("./commands/demo.ts")).demo(context, options),
    );
  }

  #addFalsify(): void {
    const context = this.#context;
    const options: OptionLine[] = [
      ["--claim <x>", "BPB that it is said to gain (default: what its definition claims)", real(-10, 10)],
      ["--seeds <n>", "pairs of trials, each with a seed of its own (default: 5)", count(1000)],
      ["--steps <n>", "training steps of a trial (default: the last rung)", count()],
      ["--looks <n>", "looks on the way, each with its share of alpha (default: 1, from 6 pairs on 2)", count(10)],
      ["--plan", "only say what it would cost and what it could find"],
    ];
    const command = this.#add(
      this.#root,
      "falsify <config>",
      "try to refute what a lever is said to gain: registered, paired, several seeds",
      [...options, BACKEND, WORKSPACE, JSON_FLAG],
      async (values, config = "") => (await import("./commands/falsify.ts")).falsify(context, config, values),
    );
    command.requiredOption("--lever <id>", "the lever, as in [levers.ID]");
    const equal = new Option("--equal <what>", "what both arms have equal: steps, flops or time (default: steps)");
    command.addOption(equal.choices(["steps", "flops", "time"]));
    command.addHelpText("after", FALSIFY_EPILOGUE);
  }

  #addModelCommands(): void {
    const context = this.#context;
    const options: OptionLine[] = [
      ["--bytes <n>", "length of the text", count(100_000), 500],
      ["--temperature <x>", "0: the most probable byte; 1: the model's own distribution", real(0, 10), 0.8],
      ["--seed <n>", "the same seed gives the same text", whole(0, 0xffffffff), 1],
      ["--prompt <text>", "text to go on from", String, "\n"],
    ];
    this.#add(
      this.#root,
      "sample <trial>",
      "text from a trial or a checkpoint file",
      [...options, BACKEND, WORKSPACE, JSON_FLAG],
      async (values, target = "") => (await import("./commands/sample.ts")).sample(context, target, values),
    );
    const out: OptionLine = ["--out <file>", "where to write (default: TRIAL.safetensors)"];
    const statements: OptionLine[] = [
      ["--licence <text>", "licence of the model, for its metadata"],
      ["--data-source <text>", "where its training text comes from"],
      ["--data-licence <text>", "licence of that text"],
      ["--checksum", "write FILE.sha256 beside it"],
    ];
    this.#add(
      this.#root,
      "export <trial>",
      "parameters as a safetensors file",
      [out, ...statements, WORKSPACE, JSON_FLAG],
      async (values, target = "") => (await import("./commands/export.ts")).exportCommand(context, target, values),
    );
  }

  #addProofCommands(): void {
    this.#add(
      this.#root,
      "init [dir]",
      "write a race file, claims and their proofs to begin with; overwrites nothing",
      [JSON_FLAG],
      async (values, folder) => (await import("./commands/init.ts")).init(this.#context, folder ?? null, values),
    );
    const invariants = this.#root.command("invariants").description("claims of a folder against its Coq proofs");
    const options: OptionLine[] = [
      ["--no-coq", "only read the text; run no prover"],
      ["--again", "ask Coq again instead of using the cache"],
      ["--deep", "also let coqchk read the compiled proofs again (minutes)"],
      ["--prover <path>", "coqc or rocq to use (default: from PATH)"],
    ];
    const check = this.#add(
      invariants,
      "check [dir]",
      "what Coq says of every claimed invariant; exit 1 on an over-claim",
      [...options, JSON_FLAG],
      async (values, folder) =>
        (await import("./commands/invariants.ts")).checkInvariants(this.#context, folder ?? null, values),
    );
    check.addHelpText("after", CHECKED_FOLDER);
  }

  #addLedgerCommands(): void {
    const context = this.#context;
    const ledger = this.#root.command("ledger").description("results that nobody can change unnoticed");
    const command = () => import("./commands/ledger.ts");
    const add = (usage: string, description: string, work: Work) =>
      this.#add(ledger, usage, description, [JSON_FLAG], work);
    add(
      "verify <file>",
      "every row and the chain; exit 1 when something was changed or is missing",
      async (values, file = "") => (await command()).verifyLedger(context, file, values),
    );
    add(
      "append <file> <row>",
      "one row behind the others; ROW: a file with one JSON object, or -",
      async (values, file = "", row = "") => (await command()).appendToLedger(context, file, row, values),
    );
    this.#add(
      ledger,
      "import <file>",
      "rows of an older file behind those of a ledger, with all that they say; once",
      [
        ["--into <ledger>", "the ledger (made where there is none)"],
        ["--dry-run", "say what would be done"],
        JSON_FLAG,
      ],
      async (values, file = "") => (await import("./commands/ledger-import.ts")).importLedger(context, file, values),
    );
    this.#add(
      ledger,
      "board <file>",
      "rows by BPB, the best first; what a gate would not take is marked with the reason",
      [
        [
          "--warmup <steps>",
          "rows before this step are left out and counted (default: 4000)",
          whole(0, Number.MAX_SAFE_INTEGER),
        ],
        JSON_FLAG,
      ],
      async (values, file = "") => (await import("./commands/ledger-board.ts")).showBoard(context, file, values),
    );
    add("recover <file>", "move a torn last line into a file of its own", async (values, file = "") =>
      (await command()).recoverTornLedger(context, file, values),
    );
  }

  #addGateCommands(): void {
    const context = this.#context;
    const gate = this.#root.command("gate").description("whether results, or a model file, are fit to be shown");
    const options: OptionLine[] = [
      ["--prereg <file>", "the registration; only rows that name it are judged"],
      ["--known <file>", "code versions, one a line (default: the commits of the ledger's git repository)"],
      ["--embargo <file>", "code versions that do not count (default: embargo.txt beside the ledger)"],
      ["--selection-seeds <list>", "seeds that took part in choosing the candidate", seedList],
      ["--baseline <ledger>", "rows of the baseline, for Welch's test and for fewer than three seeds"],
    ];
    const check = this.#add(
      gate,
      "check <ledger>",
      "the victory predicate over a ledger, with every reason",
      [...options, JSON_FLAG],
      async (values, file = "") => (await import("./commands/gate.ts")).checkGate(context, file, values),
    );
    const names = new Option("--gate <name>", "what is asked where nothing was registered: 1.50 or 1.85 BPB");
    check.addOption(names.choices(["final", "gate-2"]).conflicts("prereg"));
    check.addHelpText("after", GATE_EPILOGUE);
    const checkpoint = this.#add(
      gate,
      "checkpoint <file>",
      "how much a model file says about itself, 0 to 100, and what is missing; ship-ready from 90",
      [JSON_FLAG],
      async (values, file = "") =>
        (await import("./commands/gate-checkpoint.ts")).checkCheckpoint(this.#context, file, values),
    );
    checkpoint.addHelpText("after", CHECKPOINT_EPILOGUE);
    this.#add(
      this.#root,
      "falsify-suite",
      "every gate on planted violations and on clean inputs; exit 1 when one is missed or one alarms",
      [["--backend <name>", "where the tiny models of the plants train (default: cpu)"], JSON_FLAG],
      async (values) => (await import("./commands/falsify-suite.ts")).falsifySuite(context, values),
    );
  }

  #addBench(): void {
    const names: readonly BenchName[] = ["train", "population", "kernels", "quality", "falsifier"];
    const command = this.#add(
      this.#root,
      "bench",
      "this machine's figures; quality and falsifier train for minutes and run only by name",
      [BACKEND, JSON_FLAG],
      async (options, name) => (await import("./commands/bench.ts")).bench(this.#context, name as BenchName, options),
    );
    command.addArgument(new Argument("[name]", "one figure").choices(names));
  }

  #addAgents(): void {
    this.#add(
      this.#root,
      "mcp",
      "serve agents on stdin and stdout (Model Context Protocol)",
      [WORKSPACE],
      async (options) => (await import("./commands/mcp.ts")).mcp(this.#context, options),
    );
  }

  #addDaemonCommands(): void {
    const context = this.#context;
    const daemon = this.#root.command("daemon").description("the background process of a workspace");
    this.#add(daemon, "start", "start it; unfinished races go on", [BACKEND, WORKSPACE, JSON_FLAG], async (options) =>
      (await import("./commands/daemon.ts")).startCommand(context, options),
    );
    this.#add(
      daemon,
      "stop",
      "let running trials write checkpoints, then end it",
      [WORKSPACE, JSON_FLAG],
      async (options) => (await import("./commands/daemon.ts")).stopCommand(context, options),
    );
    this.#add(daemon, "status", "whether it runs; exit 1 if not", [WORKSPACE, JSON_FLAG], async (options) =>
      (await import("./commands/daemon.ts")).statusCommand(context, options),
    );
  }
}

type OptionLine = readonly [flags: string, text: string, parse?: (text: string) => unknown, preset?: string | number];

// biome-ignore lint/suspicious/noExplicitAny: commander checks names and values; each command states its own options.
type Work = (options: any, ...positional: (string | undefined)[]) => Promise<ExitCode>;

function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  };
}

function seedList(text: string): number[] {
  return text.split(",").map((one) => whole(0, 0xffffffff)(one.trim()));
}

function count(high = 2 ** 31): (text: string) => number {
  return whole(1, high);
}

function real(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
  };
}
