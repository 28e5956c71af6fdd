/** `igla demo`, what `npm start` runs: the machine, a race of a few minutes, its leaderboard, a text of the winner. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import demoConfig from "../../../media/demo.igla.toml";
import { corpusLabel } from "../../data/tag.ts";
import { stateFolder } from "../../rpc/daemon-file.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { canRace, examine } from "../doctor-checks.ts";
import { ExitCode } from "../exit-codes.ts";
import { parseRaceText } from "../race-file.ts";
import { raceReport } from "../race-report.ts";
import { type Line, styled } from "../render/text.ts";
import type { WatchResult } from "../watch-race.ts";
import { stopDaemon } from "./daemon.ts";
import { doctorLines } from "./doctor.ts";
import { runRace } from "./race.ts";
import { sampleModel } from "./sample.ts";

export interface DemoOptions {
  readonly backend?: string;
}

const SAMPLE = { bytes: 400, temperature: 0.8, seed: 1, prompt: "\n" } as const;

export async function demo(context: CliContext, options: DemoOptions): Promise<ExitCode> {
  const { out } = context;
  const findings = await examine(context);
  out.lines(...doctorLines(findings, canRace(findings)), []);
  if (!canRace(findings)) return ExitCode.failed;
  const workspace = join(context.cwd, stateFolder, "demo");
  const file = parseRaceText(demoConfig, await writeDemoFile(workspace));
  const result = await runRace(context, file, workspace, { ...options, stopOnExit: false });
  out.lines([], ...raceReport(result, out.width), []);
  if (result.end === "detached") return ExitCode.interrupted;
  try {
    if (!(await showSample(context, result, workspace, options))) return ExitCode.failed;
  } finally {
    // The race is over: no process of the demo stays behind.
    await stopDaemon(workspace);
  }
  out.lines([], [], nextStep(relative(context.cwd, file.path)));
  return result.state.status === "finished" ? ExitCode.ok : ExitCode.failed;
}

/** False when no trial has a result. */
async function showSample(
  context: CliContext,
  { state: { best, corpus } }: WatchResult,
  workspace: string,
  options: DemoOptions,
): Promise<boolean> {
  if (best === null || corpus === null) return false;
  const { out } = context;
  out.lines([styled("bold", `${SAMPLE.bytes} bytes from the best model`), ` (${corpusLabel(corpus)}):`]);
  await sampleModel(context, best.trialId, workspace, { ...options, ...SAMPLE }, (piece) => out.text(piece));
  return true;
}

function nextStep(demoFile: string): Line {
  return [
    styled("green", "Next: "),
    `copy ${demoFile}, change its [space], and run \`npm run igla -- race YOURS.igla.toml\`.`,
  ];
}

/** The race file lies beside its results, where a newcomer finds it. */
async function writeDemoFile(workspace: string): Promise<string> {
  const path = join(workspace, "demo.igla.toml");
  try {
    await mkdir(workspace, { recursive: true });
    await writeFile(path, demoConfig);
  } catch (error) {
    throw new CliError("cli.read-only", {
      place: workspace,
      message: `The demo's workspace cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      wayOut: "Run Igla in a folder that you may write to.",
    });
  }
  return path;
}
