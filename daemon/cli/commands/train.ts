/** `igla train CONFIG`: one trial of a race file in this process, without daemon and database. */
import { join } from "node:path";
import { assertWritable } from "../../checkpoint/writable.ts";
import { warmupFault } from "../../config/constraints.ts";
import { trialSpec } from "../../config/race-config.ts";
import { splitCorpus } from "../../data/splits.ts";
import type { TrialSpec } from "../../protocol/trial.ts";
import { stateFolder } from "../../rpc/daemon-file.ts";
import { lastRung } from "../../search/ladder.ts";
import { runTrial } from "../../train/run.ts";
import { codeVersion } from "../../version.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { prepareCorpus } from "../corpus-step.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { parameterShapes, prepareStart } from "../given-start.ts";
import { readInit } from "../init-from.ts";
import { type RaceFile, readRaceFile } from "../race-file.ts";
import { tokenLine } from "../render/tokens.ts";
import { tokenReport } from "../token-budget.ts";
import { report } from "../train-report.ts";
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

/** A single trial keeps nothing worth waiting for: the same command gives the same curve again. */
function leave(context: CliContext): () => void {
  return () => {
    context.progress.close(true);
    process.exit(ExitCode.interrupted);
  };
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
