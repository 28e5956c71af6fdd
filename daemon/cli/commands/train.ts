/** `igla train CONFIG`: one trial of a race file in this process, without daemon and database. */
import { join } from "node:path";
import { assertWritable } from "../../checkpoint/writable.ts";
import { warmupFault } from "../../config/constraints.ts";
import { configHash, trialSpec } from "../../config/race-config.ts";
import type { LeakReport } from "../../data/leak-gate.ts";
import type { LocatedCorpus } from "../../data/locate.ts";
import { type Splits, splitCorpus } from "../../data/splits.ts";
import { corpusLabel } from "../../data/tag.ts";
import type { Backend } from "../../engine/backend.ts";
import type { Shapes } from "../../evidence/provenance/init-from.ts";
import type { CheckpointRef, CorpusTag } from "../../protocol/artifacts.ts";
import type { TrialSpec } from "../../protocol/trial.ts";
import { stateFolder } from "../../rpc/daemon-file.ts";
import { lastRung } from "../../search/ladder.ts";
import { describeFailure } from "../../train/failure.ts";
import { startFrom } from "../../train/initial-weights.ts";
import { resolveTrial } from "../../train/plan.ts";
import { buildTrainProgram } from "../../train/program.ts";
import { runTrial, type TrialOutcome } from "../../train/run.ts";
import { saveSnapshot } from "../../train/snapshot-file.ts";
import { codeVersion } from "../../version.ts";
import { CliError } from "../cli-error.ts";
import { shellWord } from "../command-text.ts";
import type { CliContext } from "../context.ts";
import { prepareCorpus } from "../corpus-step.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { type InitReport, type InitSource, judgeInit, readInit } from "../init-from.ts";
import { type RaceFile, readRaceFile } from "../race-file.ts";
import { formatBpb, formatCount, formatDuration } from "../render/format.ts";
import { type Line, styled } from "../render/text.ts";
import { tokenLine } from "../render/tokens.ts";
import { type TokenReport, tokenReport } from "../token-budget.ts";
import { TrainView } from "../train-view.ts";
import { withBackend } from "../with-backend.ts";

export interface TrainOptions {
  readonly workspace?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly initFrom?: string;
  readonly strictTokens?: boolean;
  readonly backend?: string;
  readonly json?: boolean;
}

export async function train(context: CliContext, configPath: string, options: TrainOptions): Promise<ExitCode> {
  const file = await readRaceFile(configPath, context.cwd);
  const workspace = await workspaceFolder(options, context.cwd);
  const { spec, steps } = singleTrial(file, options);
  const { located, leaks, notice } = await prepareCorpus(context, file, "trial");
  const splits = splitCorpus(located.tag, spec.data.split, spec.model.context);
  const parameters = parameterShapes(file, spec, splits, located.bytes.length);
  const init =
    options.initFrom === undefined ? null : await readInit(options.initFrom, context.cwd, spec, parameters.shapes);
  const tokens = tokenReport(spec, { steps, parameters: parameters.count }, splits, options.strictTokens === true);
  context.progress.print(...notice, tokenLine(tokens));
  if (tokens.verdict === "refused") throw tooFewTokens(file, tokens.message);
  const folder = join(workspace, stateFolder, "train");
  await assertWritable(folder);
  const view = new TrainView(context, steps);
  return withBackend(options.backend, async (backend) => {
    context.progress.print([`engine ${backend.info.kind}: ${backend.info.description}`]);
    const startedMs = context.now();
    const trialId = `${file.config.name}-seed${spec.seed}`;
    const work = async () => {
      const start =
        init === null || options.initFrom === undefined
          ? null
          : await prepareStart(file, {
              path: options.initFrom,
              init,
              backend,
              spec,
              located,
              splits,
              folder,
              trialId,
              now: context.now,
            });
      const outcome = await runTrial({
        backend,
        checkpointFolder: folder,
        codeVersion,
        emit: (event) => view.show(event),
        now: context.now,
        locate: async () => located,
        trialId,
        spec,
        from: start?.ref ?? null,
        toStep: steps,
        reportEvery: file.config.reportEverySteps,
        checkpointEverySec: file.config.checkpointEverySec,
        raceFolder: file.folder,
      });
      return { outcome, initFrom: start?.report ?? null };
    };
    const { outcome, initFrom } = await context.interrupts.during(leave(context), work);
    view.close();
    const elapsedSec = (context.now() - startedMs) / 1000;
    const json = options.json === true;
    return report(context, {
      outcome,
      initFrom,
      tokens,
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

interface Start {
  readonly path: string;
  readonly init: InitSource;
  readonly backend: Backend;
  readonly spec: TrialSpec;
  readonly located: LocatedCorpus;
  readonly splits: Splits;
  readonly folder: string;
  readonly trialId: string;
  readonly now: () => number;
}

/** Writes a checkpoint of step 0, which training then goes on from. @throws {CliError} the gate refuses the file */
async function prepareStart(file: RaceFile, start: Start): Promise<{ ref: CheckpointRef; report: InitReport }> {
  const { path, init, spec, located, folder, trialId } = start;
  const { bytes: corpus, tag } = located;
  const measured = await startFrom({ ...start, corpus, parameters: init.parameters }).catch((error: unknown) => {
    throw failed(file, describeFailure(error));
  });
  const report = judgeInit(path, init, measured.given, measured.random);
  const label = { folder, trialId, spec, configHash: configHash(spec), corpusSha256: tag.sha256, codeVersion };
  return { ref: await saveSnapshot(label, measured.snapshot), report };
}

/** @throws {CliError} the levers do not fit the model */
function parameterShapes(file: RaceFile, spec: TrialSpec, splits: Splits, corpusBytes: number) {
  try {
    const { parameters } = buildTrainProgram(resolveTrial(spec), splits, corpusBytes);
    const shapes: Shapes = new Map(parameters.all().map(({ name, shape }) => [name, shape]));
    return { count: parameters.count, shapes };
  } catch (error) {
    throw failed(file, describeFailure(error));
  }
}

function failed(file: RaceFile, { code, message }: { readonly code: string; readonly message: string }): CliError {
  return new CliError(code, {
    place: file.path,
    message,
    wayOut: "Correct what the message names and run the command again.",
  });
}

function tooFewTokens(file: RaceFile, message: string): CliError {
  return new CliError("train.few-tokens", {
    place: file.path,
    message,
    wayOut:
      "Give more --steps or a smaller [model]; without --strict-tokens it trains and the result carries the zone.",
    exitCode: ExitCode.usage,
  });
}

function initLine({ file, sha256, bpb, randomBpb }: InitReport): Line {
  const figures = `${formatBpb(bpb)} BPB at step 0, random numbers ${formatBpb(randomBpb)}`;
  return [`started from ${file} (${sha256.slice(0, 12)}): ${figures}`];
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
  /** Null: random numbers. */
  readonly initFrom: InitReport | null;
  readonly tokens: TokenReport;
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
  { outcome, initFrom, tokens, file, folder, spec, backend, corpus, leaks, view, elapsedSec, json }: Report,
): ExitCode {
  if (outcome.kind === "failed") throw failed(file, outcome);
  const { parameters, curve } = view;
  const { split } = spec.data;
  const facts = {
    seed: spec.seed,
    corpus,
    leaks,
    split,
    backend: backend.info,
    parameters,
    elapsedSec,
    initFrom,
    tokens,
  };
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
      ...(initFrom === null ? [] : [initLine(initFrom)]),
      [`model ${path}`],
      [styled("dim", `text from it: \`igla sample ${shellWord(path)}\``)],
    );
  }
  return ExitCode.ok;
}
