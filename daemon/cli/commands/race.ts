/** `igla race CONFIG`: a race from start or resumption to the end, with a live leaderboard. */

import type { LeakReport } from "../../data/leak-gate.ts";
import { pinOf } from "../../data/pinned.ts";
import { probeDaemon } from "../../rpc/probe.ts";
import type { CliContext } from "../context.ts";
import { prepareCorpus } from "../corpus-step.ts";
import { openDaemon, workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { guardPlace, withGuardPlace } from "../guard-places.ts";
import { assertBudget } from "../race-budget.ts";
import { type RaceFile, readRaceFile } from "../race-file.ts";
import { reportRace } from "../race-report.ts";
import { guardLines } from "../render/guards.ts";
import { type Line, styled } from "../render/text.ts";
import { startOrResume } from "../start-race.ts";
import { type WatchResult, watchRace } from "../watch-race.ts";

export interface RaceOptions {
  readonly workspace?: string;
  readonly backend?: string;
  readonly budgetSteps?: number;
  readonly stopOnExit?: boolean;
  readonly json?: boolean;
}

export async function race(context: CliContext, configPath: string, options: RaceOptions): Promise<ExitCode> {
  const file = await readRaceFile(configPath, context.cwd);
  assertBudget(file, options.budgetSteps);
  const workspace = await workspaceFolder(options, context.cwd);
  const result = await runRace(context, file, workspace, options);
  await reportRace(context, workspace, result, options.json === true);
  if (result.end !== "over") return ExitCode.interrupted;
  return result.state.status === "finished" && result.state.best !== null ? ExitCode.ok : ExitCode.failed;
}

export interface RaceOutcome extends WatchResult {
  readonly leaks: readonly LeakReport[];
}

/** Starts or resumes the race of `file` and follows it. */
export async function runRace(
  context: CliContext,
  file: RaceFile,
  workspace: string,
  options: RaceOptions,
): Promise<RaceOutcome> {
  const { progress } = context;
  const { located, leaks, notice } = await prepareCorpus(context, file, "race");
  if (options.backend !== undefined && (await probeDaemon(workspace)) !== null) {
    const note = "a daemon runs already and keeps its engine; `igla daemon stop` lets you choose another";
    progress.print([styled("yellow", note)]);
  }
  const client = await openDaemon(workspace, options.backend);
  if (file.config.invariants.require === "proven") progress.print(["Coq is asked what guards the race ..."]);
  const wish = { budgetSteps: options.budgetSteps, corpus: pinOf(located) };
  const { state, isNew, before, onOtherText } = await startOrResume(client, file, wish).catch(async (error) => {
    await client.close();
    throw withGuardPlace(error, file);
  });
  progress.print(...notice);
  const otherText = `race ${onOtherText} of this file was begun on another text; it stays as it is`;
  const opening: Line[] = [
    ...(onOtherText === null ? [] : [[styled("yellow", otherText)]]),
    [isNew ? `started race ${state.raceId} "${state.name}"` : `race ${state.raceId} goes on where it was`],
  ];
  opening.push(...guardLines(state.guards, (guard) => guardPlace(guard, file)));
  if (before.length > 0) opening.push([styled("yellow", `it waits for ${before.join(", ")}`)]);
  const { backend, stopOnExit = false } = options;
  const engine = backend === undefined ? {} : { backend };
  const watched = await watchRace(context, client, state, { workspace, opening, stopOnExit, ...engine });
  return { ...watched, leaks };
}
