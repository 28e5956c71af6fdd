/** `igla falsify CONFIG --lever ID`: a registered experiment that tries to refute what the lever is said to gain. */

import { relative } from "node:path";
import { pinOf } from "../../data/pinned.ts";
import { splitCorpus } from "../../data/splits.ts";
import { IglaError, isErrorCode } from "../../protocol/errors.ts";
import type { Experiment, LeverVerdictKind } from "../../protocol/experiments.ts";
import { planExperiment, startExperiment, stopExperiment } from "../../protocol/requests.ts";
import type { DaemonClient } from "../../rpc/client.ts";
import { CliError } from "../cli-error.ts";
import { shellWord } from "../command-text.ts";
import type { CliContext } from "../context.ts";
import { prepareCorpus } from "../corpus-step.ts";
import { openDaemon, workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { readRaceFile } from "../race-file.ts";
import { designLines, progressLine, verdictLines } from "../render/experiment.ts";
import { tokenReport } from "../token-budget.ts";

export interface FalsifyOptions {
  readonly lever: string;
  readonly claim?: number;
  readonly seeds?: number;
  readonly steps?: number;
  readonly looks?: number;
  readonly equal?: "steps" | "flops" | "time";
  readonly plan?: boolean;
  readonly workspace?: string;
  readonly backend?: string;
  readonly json?: boolean;
}

const exitCodes: Readonly<Record<LeverVerdictKind, ExitCode>> = {
  survived: ExitCode.ok,
  inconclusive: ExitCode.underpowered,
  refuted: ExitCode.rejected,
  "dead-lever": ExitCode.rejected,
  invalid: ExitCode.rejected,
};

export async function falsify(context: CliContext, configPath: string, options: FalsifyOptions): Promise<ExitCode> {
  const file = await readRaceFile(configPath, context.cwd);
  const workspace = await workspaceFolder(options, context.cwd);
  const { located } = await prepareCorpus(context, file, "trial");
  const { lever, claim, seeds, steps, looks, equal } = options;
  const wish = {
    configText: file.text,
    path: file.path,
    corpus: pinOf(located),
    lever,
    claim,
    seeds,
    steps,
    looks,
    equal,
  };
  const client = await openDaemon(workspace, options.backend);
  try {
    const design = await client.request(planExperiment, wish).catch(placed(relative(context.cwd, file.path), options));
    const { base } = file.config;
    const splits = splitCorpus(located.tag, base.data.split, base.model.context);
    const tokensOf = (arm: "off" | "on") => tokenReport(base, design.arms[arm], splits, false);
    const tokens = { off: tokensOf("off"), on: tokensOf("on") };
    context.progress.print(...designLines(design, tokens));
    if (options.plan === true) {
      if (options.json) context.out.json({ design, tokens });
      return ExitCode.ok;
    }
    const ended = await run(context, client, wish);
    return report(context, workspace, ended, options);
  } finally {
    context.progress.close(false);
    await client.close();
  }
}

/** Resolves when the experiment has a verdict, has failed or was stopped. @throws {IglaError} the daemon is gone */
async function run(
  context: CliContext,
  client: DaemonClient,
  wish: Parameters<typeof client.request<typeof startExperiment.params, typeof startExperiment.result>>[1],
): Promise<Experiment> {
  const over = Promise.withResolvers<Experiment>();
  let id = "";
  let last = "";
  const hear = (experiment: Experiment): void => {
    if (experiment.experimentId !== id) return;
    context.progress.draw([progressLine(experiment)]);
    if (!context.progress.isLive && experiment.phase !== last) context.progress.print([experiment.phase]);
    last = experiment.phase;
    if (experiment.status !== "running") over.resolve(experiment);
  };
  const early: Experiment[] = [];
  const unsubscribe = client.onExperiment((experiment) => (id === "" ? early.push(experiment) : hear(experiment)));
  let isUnwanted = false;
  const stop = (count: number): void => {
    isUnwanted = true;
    if (count > 1) process.exit(ExitCode.interrupted);
    if (id !== "") client.request(stopExperiment, { experimentId: id }).catch(over.reject);
  };
  const work = async (): Promise<Experiment> => {
    const started = await client.request(startExperiment, wish);
    id = started.experimentId;
    context.progress.print([`registered as assertions/prereg/${id.slice(0, 12)}.json`]);
    // What it went through before its name was known; the answer is older.
    for (const experiment of early.length > 0 ? early : [started]) hear(experiment);
    // Ctrl-C came before there was anything to stop.
    if (isUnwanted) stop(1);
    const lost = client.closed.then((failure) => Promise.reject(failure ?? new IglaError("connection.lost")));
    return Promise.race([over.promise, lost]);
  };
  try {
    return await context.interrupts.during(stop, work);
  } finally {
    unsubscribe();
    context.progress.close(false);
  }
}

function report(context: CliContext, workspace: string, experiment: Experiment, { json }: FalsifyOptions): ExitCode {
  const { verdict, failure, lever, path } = experiment;
  const place = relative(context.cwd, path);
  if (failure !== null) {
    const { code, action } = new IglaError(isErrorCode(failure.code) ? failure.code : "daemon.internal");
    throw new CliError(code, { place, message: failure.message, wayOut: action });
  }
  if (json) context.out.json({ workspace, experiment });
  if (verdict === null) {
    const again = `igla falsify ${shellWord(place)} --lever ${lever}`;
    context.progress.print([`Stopped. What was trained is kept: \`${again}\` with the same options goes on.`]);
    return ExitCode.interrupted;
  }
  if (!json) {
    context.out.lines(...verdictLines(lever, verdict));
    context.out.lines([`recorded in assertions/seed_results.jsonl under ${experiment.experimentId.slice(0, 12)}`]);
  }
  return exitCodes[verdict.verdict];
}

/** What was asked for cannot be done: wrong arguments, or a race file that does not fit them. */
function placed(file: string, { lever }: FalsifyOptions): (error: unknown) => never {
  const places = new Map<string, string>([
    ["experiment.unknown-lever", `--lever ${lever}`],
    ["experiment.lever-conflict", `${file} [levers.${lever}]`],
    ["experiment.bad-design", `${file} --lever ${lever}`],
  ]);
  return (error) => {
    const place = error instanceof IglaError ? places.get(error.code) : undefined;
    if (!(error instanceof IglaError) || place === undefined) throw error;
    const { code, message, action } = error;
    throw new CliError(code, { place, message, wayOut: action, exitCode: ExitCode.usage });
  };
}
