/** What `igla train` says at its end. */
import { join } from "node:path";
import type { LeakReport } from "../data/leak-gate.ts";
import { corpusLabel } from "../data/tag.ts";
import type { Backend } from "../engine/backend.ts";
import type { CorpusTag } from "../protocol/artifacts.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import type { TrialOutcome } from "../train/run.ts";
import { shellWord } from "./command-text.ts";
import type { CliContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";
import { failed } from "./given-start.ts";
import type { InitReport } from "./init-from.ts";
import type { RaceFile } from "./race-file.ts";
import { formatBpb, formatCount, formatDuration } from "./render/format.ts";
import { type Line, styled } from "./render/text.ts";
import type { TokenReport } from "./token-budget.ts";
import type { TrainView } from "./train-view.ts";

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

/** Prints it. @throws {CliError} the trial failed */
export function report(
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
      ...(initFrom === null ? [] : initLines(initFrom)),
      [`model ${path}`],
      [styled("dim", `text from it: \`igla sample ${shellWord(path)}\``)],
    );
  }
  return ExitCode.ok;
}

const mayHaveSeen =
  "  its own training text is another one, split another way or not known: it may have seen this validation part";

function initLines({ file, sha256, bpb, randomBpb, sameSplit }: InitReport): Line[] {
  const figures = `${formatBpb(bpb)} BPB at step 0, random numbers ${formatBpb(randomBpb)}`;
  const from: Line = [`started from ${file} (${sha256.slice(0, 12)}): ${figures}`];
  return sameSplit ? [from] : [from, [styled("yellow", mayHaveSeen)]];
}
