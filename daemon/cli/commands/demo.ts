/** `igla demo`, what `npm start` runs: the machine, a race of a few minutes, its leaderboard, a text of the winner. */
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import demoConfig from "../../../media/demo.igla.toml";
import { corpusLabel } from "../../data/tag.ts";
import type { RaceState } from "../../protocol/state.ts";
import { stateFolder } from "../../rpc/daemon-file.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { chooseSpeaker, speakerLines } from "../demo-speaker.ts";
import { canRace, examine } from "../doctor-checks.ts";
import { ExitCode } from "../exit-codes.ts";
import { makeFolder, notWritable } from "../make-folder.ts";
import { parseRaceText } from "../race-file.ts";
import { raceDocument, raceReport } from "../race-report.ts";
import { type Line, styled } from "../render/text.ts";
import { stopDaemon } from "./daemon.ts";
import { doctorLines } from "./doctor.ts";
import { runRace } from "./race.ts";
import { sampleModel } from "./sample.ts";

export interface DemoOptions {
  readonly backend?: string;
  readonly json?: boolean;
}

const SAMPLE = { bytes: 400, temperature: 0.8, seed: 1, prompt: "\n" } as const;

/** With `--json`, stdout gets one document at the end. */
export async function demo(context: CliContext, options: DemoOptions): Promise<ExitCode> {
  const { out } = context;
  const say = (...lines: Line[]): void => {
    if (!options.json) out.lines(...lines);
  };
  const findings = await examine(context);
  const ready = canRace(findings);
  say(...doctorLines(findings, ready), []);
  if (!ready) {
    if (options.json) out.json({ ready, findings, race: null, sample: null });
    return ExitCode.failed;
  }
  const workspace = join(context.cwd, stateFolder, "demo");
  const file = parseRaceText(demoConfig, await writeDemoFile(workspace));
  const backend = options.backend === undefined ? {} : { backend: options.backend };
  const result = await runRace(context, file, workspace, { ...backend, stopOnExit: false });
  say([], ...raceReport(result, out.width), []);
  const isOver = result.end !== "detached";
  try {
    const sample = isOver ? await speak(context, result.state, workspace, options) : null;
    if (options.json) out.json({ ready, findings, race: await raceDocument(workspace, result), sample });
    if (!isOver) return ExitCode.interrupted;
    if (sample === null) return ExitCode.failed;
  } finally {
    // The race is over: no process of the demo stays behind.
    if (isOver) await stopDaemon(workspace);
  }
  say([], [], nextStep(relative(context.cwd, file.path)));
  return result.state.status === "finished" ? ExitCode.ok : ExitCode.failed;
}

/** A text of the best model; null when no trial has a result. */
async function speak(
  context: CliContext,
  state: RaceState,
  workspace: string,
  { backend, json }: DemoOptions,
): Promise<object | null> {
  const speaker = chooseSpeaker(state);
  if (speaker === null || state.corpus === null) return null;
  const { out } = context;
  if (!json) out.lines(...speakerLines(state, speaker, SAMPLE.bytes, corpusLabel(state.corpus)));
  const options = { ...SAMPLE, ...(backend === undefined ? {} : { backend }) };
  const { text } = await sampleModel(context, speaker.trialId, workspace, options, (piece) => {
    if (!json) out.text(piece);
  });
  return { ...speaker, ...SAMPLE, text };
}

function nextStep(demoFile: string): Line {
  return [styled("green", "Next: "), `copy ${demoFile}, change its [space], and run \`igla race YOURS.igla.toml\`.`];
}

/** The race file lies beside its results, where a newcomer finds it. */
async function writeDemoFile(workspace: string): Promise<string> {
  const path = join(workspace, "demo.igla.toml");
  try {
    await makeFolder(workspace);
    await writeFile(path, demoConfig);
  } catch (error) {
    const { place, message } = error instanceof CliError ? error : notWritable(workspace, error);
    throw new CliError("cli.read-only", {
      place,
      message: `The demo has no folder for its results. ${message}`,
      wayOut: "Run Igla in a folder that you may write to.",
    });
  }
  return path;
}
