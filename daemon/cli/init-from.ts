/** `igla train --init-from FILE`: the gate that decides before step 1. There is no way back to random numbers. */
import { resolve } from "node:path";
import { CheckpointError } from "../checkpoint/error.ts";
import { type ModelFile, readModelFile } from "../checkpoint/model-file.ts";
import { initFaults, isBetterThanRandom, parametersOf, type Shapes } from "../evidence/provenance/init-from.ts";
import type { EvalResult } from "../protocol/artifacts.ts";
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";
import type { LaneSnapshot } from "../train/population.ts";
import { CliError } from "./cli-error.ts";
import { ExitCode } from "./exit-codes.ts";
import { formatBpb, singleLine } from "./render/format.ts";

export interface InitSource {
  readonly file: ModelFile;
  readonly parameters: LaneSnapshot["parameters"];
}

/** What a result says of where it started. */
export interface InitReport {
  /** Absolute. */
  readonly file: string;
  readonly sha256: string;
  /** Of the validation part at step 0, nats a byte. */
  readonly lossNats: number;
  readonly bpb: number;
  /** The same from random numbers of the same seed. */
  readonly randomLossNats: number;
  readonly randomBpb: number;
  /** The file was trained on the same text, split the same way; else its weights may have seen the validation part. */
  readonly sameSplit: boolean;
}

/** More of them tell nothing new. */
const shownFaults = 6;

/**
 * Reads the file and compares architecture and shapes.
 * @param wanted shapes of the parameters of the model that is to start
 * @throws {CliError} `init.refused`, or the code of what is wrong with the file; exit code 2
 */
export async function readInit(path: string, cwd: string, spec: TrialSpec, wanted: Shapes): Promise<InitSource> {
  const file = await readModelFile(resolve(cwd, path)).catch((error: unknown) => {
    if (!(error instanceof CheckpointError)) throw error;
    const wayOut =
      "Name a checkpoint that `igla train` has written, or a model of `igla export`; an unharmed copy of it.";
    throw new CliError(error.code, { place: path, message: error.message, wayOut, exitCode: ExitCode.usage });
  });
  const shapes = new Map([...file.tensors].map(([name, { shape }]) => [name, shape]));
  const { family, layers, width, heads } = spec.model;
  const faults = initFaults({
    place: path,
    arch: Object.hasOwn(file.metadata, "arch") ? (file.metadata.arch ?? null) : null,
    tensors: shapes,
    wanted: { architecture: { family, layers, width, heads }, parameters: wanted },
  });
  if (faults.length > 0)
    throw refused(
      path,
      faults.map(({ message }) => message),
    );
  const parameters = [...parametersOf(file.tensors)].map(([name, { shape, data }]) => {
    return [name, { shape, values: data instanceof Float32Array ? data : Float32Array.from(data) }] as const;
  });
  return { file, parameters: new Map(parameters) };
}

/** @throws {CliError} `init.refused`: at step 0 the file is worth no more than chance */
export function judgeInit(start: {
  readonly path: string;
  readonly source: InitSource;
  readonly spec: TrialSpec;
  readonly corpusSha256: string;
  readonly given: EvalResult;
  readonly random: EvalResult;
}): InitReport {
  const { path, source, spec, corpusSha256, given, random } = start;
  const [lossNats, randomLossNats] = [given.nllNats / given.bytes, random.nllNats / random.bytes];
  if (!isBetterThanRandom(lossNats, randomLossNats)) {
    const figures = `${formatBpb(given.valBpb)} BPB at step 0, random numbers of the same seed ${formatBpb(random.valBpb)}`;
    throw refused(path, [`Its parameters know no more of this text than chance: ${figures}.`]);
  }
  const { metadata, path: file, sha256 } = source.file;
  const sameSplit = metadata.corpus_sha256 === corpusSha256 && splitOf(metadata.arch) === spec.data.split;
  const figures = { lossNats, bpb: given.valBpb, randomLossNats, randomBpb: random.valBpb };
  return { file, sha256, ...figures, sameSplit };
}

/** How the file's own training text was split; null: it does not say. */
function splitOf(arch: string | undefined): string | null {
  try {
    const spec = trialSpecSchema.safeParse(JSON.parse(arch ?? "null"));
    return spec.success ? spec.data.data.split : null;
  } catch {
    // Prose of another tool.
    return null;
  }
}

function refused(path: string, faults: readonly string[]): CliError {
  const more = faults.length - shownFaults;
  const shown = [...faults.slice(0, shownFaults), ...(more > 0 ? [`And ${more} more.`] : [])];
  return new CliError("init.refused", {
    place: path,
    message: `Training cannot start from this file. ${singleLine(shown.join(" "))}`,
    wayOut:
      "Give the race file the model of the file, name another file, or leave --init-from out to start from random numbers.",
    exitCode: ExitCode.usage,
  });
}
