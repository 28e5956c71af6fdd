/** The model that `igla train` builds, and its start from a file instead of random numbers. */
import { configHash } from "../config/race-config.ts";
import type { LocatedCorpus } from "../data/locate.ts";
import type { Splits } from "../data/splits.ts";
import type { Backend } from "../engine/backend.ts";
import type { Shapes } from "../evidence/provenance/init-from.ts";
import type { CheckpointRef } from "../protocol/artifacts.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { describeFailure } from "../train/failure.ts";
import { startFrom } from "../train/initial-weights.ts";
import { resolveTrial } from "../train/plan.ts";
import { buildTrainProgram } from "../train/program.ts";
import { saveSnapshot } from "../train/snapshot-file.ts";
import { codeVersion } from "../version.ts";
import { CliError } from "./cli-error.ts";
import { type InitReport, type InitSource, judgeInit } from "./init-from.ts";
import type { RaceFile } from "./race-file.ts";

export interface Start {
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
export async function prepareStart(file: RaceFile, start: Start): Promise<{ ref: CheckpointRef; report: InitReport }> {
  const { path, init, spec, located, folder, trialId } = start;
  const { bytes: corpus, tag } = located;
  const measured = await startFrom({ ...start, corpus, parameters: init.parameters }).catch((error: unknown) => {
    throw failed(file, describeFailure(error));
  });
  const report = judgeInit({ path, source: init, spec, corpusSha256: tag.sha256, ...measured });
  const label = { folder, trialId, spec, configHash: configHash(spec), corpusSha256: tag.sha256, codeVersion };
  return { ref: await saveSnapshot(label, measured.snapshot), report };
}

/** @throws {CliError} the levers do not fit the model */
export function parameterShapes(
  file: RaceFile,
  spec: TrialSpec,
  splits: Splits,
  corpusBytes: number,
): { readonly count: number; readonly shapes: Shapes } {
  try {
    const { parameters } = buildTrainProgram(resolveTrial(spec), splits, corpusBytes);
    const shapes: Shapes = new Map(parameters.all().map(({ name, shape }) => [name, shape]));
    return { count: parameters.count, shapes };
  } catch (error) {
    throw failed(file, describeFailure(error));
  }
}

/** A trial that could not run, or not go on. */
export function failed(
  file: RaceFile,
  { code, message }: { readonly code: string; readonly message: string },
): CliError {
  return new CliError(code, {
    place: file.path,
    message,
    wayOut: "Correct what the message names and run the command again.",
  });
}
