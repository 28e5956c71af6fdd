/** `igla train CONFIG`: one trial of a race file in this process, without daemon and database. */
import { join } from "node:path";
import { assertWritable } from "../../checkpoint/writable.ts";
import { warmupFault } from "../../config/constraints.ts";
import { trialSpec } from "../../config/race-config.ts";
import type { LeakReport } from "../../data/leak-gate.ts";
import { corpusLabel } from "../../data/tag.ts";
import type { Backend } from "../../engine/backend.ts";
import type { CorpusTag } from "../../protocol/artifacts.ts";
import type { TrialSpec } from "../../protocol/trial.ts";
import { stateFolder } from "../../rpc/daemon-file.ts";
import { lastRung } from "../../search/ladder.ts";
import { runTrial, type TrialOutcome } from "../../train/run.ts";
import { codeVersion } from "../../version.ts";
import { CliError } from "../cli-error.ts";
import { shellWord } from "../command-text.ts";
import type { CliContext } from "../context.ts";
import { prepareCorpus } from "../corpus-step.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { type RaceFile, readRaceFile } from "../race-file.ts";
import { formatBpb, formatCount, formatDuration } from "../render/format.ts";
import { styled } from "../render/text.ts";
import { TrainView } from "../train-view.ts";
import { withBackend } from "../with-backend.ts";

export interface TrainOptions {
  readonly workspace?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

export async function train(context: CliContext, configPath: string, options: TrainOptions): Promise<ExitCode> {
  const file = await readRaceFile(configPath, context.cwd);
  const workspace = await workspaceFolder(options, context.cwd);
  const { spec, steps } = singleTrial(file, options);
  const { located, leaks, notice } = await prepareCorpus(context, file, "trial");
  context.progress.print(...notice);
  const folder = join(workspace, stateFolder, "train");
  await assertWritable(folder);
  const view = new TrainView(context, steps);
  return withBackend(options.backend, async (backend) => {
    context.progress.print([`engine ${backend.info.kind}: ${backend.info.description}`]);
    const startedMs = context.now();
    const run = runTrial({
      backend,
      checkpointFolder: folder,
      codeVersion,
      emit: (event) => view.show(event),
      now: context.now,
      locate: async () => located,
      trialId: `${file.config.name}-seed${spec.seed}`,
      spec,
      from: null,
      toStep: steps,
      reportEvery: file.config.reportEverySteps,
      checkpointEverySec: file.config.checkpointEverySec,
      raceFolder: file.folder,
    });
    const outcome = await context.interrupts.during(leave(context), () => run);
    view.close();
    const elapsedSec = (context.now() - startedMs) / 1000;
    const json = options.json === true;
    return report(context, {
      outcome,
      file,
      folder,
      spec,
      backend,
      corpus: located.tag,
      leaks,
      view,
      elapsedSec,
      json,
    });
  });
}

/** The file's own configuration, without its space, for `steps` steps. @throws {CliError} `schedule.warmup` */
function singleTrial({ config, path }: RaceFile, { seed, steps }: TrainOptions): { spec: TrialSpec; steps: number } {
  const length = steps ?? config.base.schedule.steps ?? config.ladder.rungs[lastRung(config.ladder)]?.steps;
  if (length === undefined) throw new RangeError("a ladder has at least one rung");
  const spec = trialSpec(config, {}, seed ?? config.seeds[0] ?? config.seed, length);
  const fault = warmupFault(spec.schedule.warmup, spec.schedule.steps);
  if (fault === null) return { spec, steps: length };
  throw new CliError(fault.code, {
    place: path,
    message: `[schedule] warmup: ${fault.message}.`,
    wayOut: `Lower [schedule] warmup to ${fault.expected}, or train for more than ${spec.schedule.warmup} steps.`,
    exitCode: ExitCode.usage,
  });
}

/** A single trial keeps nothing worth waiting for: the same command gives the same curve again. */
function leave(context: CliContext): () => void {
  return () => {
    context.progress.close(true);
    process.exit(ExitCode.interrupted);
  };
}

interface Report {
  readonly outcome: TrialOutcome;
  readonly file: RaceFile;
  readonly folder: string;
  readonly spec: TrialSpec;
  readonly backend: Backend;
  readonly corpus: CorpusTag;
  readonly leaks: readonly LeakReport[];
  readonly view: TrainView;
  readonly elapsedSec: number;
  readonly json: boolean;
}

function report(
  context: CliContext,
  { outcome, file, folder, spec, backend, corpus, leaks, view, elapsedSec, json }: Report,
): ExitCode {
  if (outcome.kind === "failed") {
    throw new CliError(outcome.code, {
      place: file.path,
      message: outcome.message,
      wayOut: "Correct what the message names and run the command again.",
    });
  }
  const { parameters, curve } = view;
  const { split } = spec.data;
  const facts = { seed: spec.seed, corpus, leaks, split, backend: backend.info, parameters, elapsedSec };
  if (outcome.kind === "diverged") {
    if (json) context.out.json({ ...facts, outcome: "diverged", step: outcome.step, curve });
    else
      context.out.lines([
        styled("red", `The loss is not finite at step ${outcome.step}: a lower learning rate may help.`),
      ]);
    return ExitCode.failed;
  }
  const { evaluation, checkpoint } = outcome;
  const path = join(folder, checkpoint.file);
  if (json)
    context.out.json({ ...facts, outcome: "finished", evaluation, checkpoint: { ...checkpoint, path }, curve, spec });
  else {
    const result = `validation ${formatBpb(evaluation.valBpb)} BPB over ${evaluation.bytes} bytes (${evaluation.protocol}, split ${split})`;
    context.out.lines(
      [styled("green", result)],
      [`corpus ${corpusLabel(corpus)}`],
      [
        `${formatCount(parameters)} parameters, ${checkpoint.step} steps in ${formatDuration(elapsedSec)}, seed ${spec.seed}`,
      ],
      [`model ${path}`],
      [styled("dim", `text from it: \`igla sample ${shellWord(path)}\``)],
    );
  }
  return ExitCode.ok;
}
