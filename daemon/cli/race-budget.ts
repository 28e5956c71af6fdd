/** Whether a budget of training steps is enough for a race to measure anything at all. */
import { budgetFault } from "../config/race-section.ts";
import { CliError } from "./cli-error.ts";
import { ExitCode } from "./exit-codes.ts";
import type { RaceFile } from "./race-file.ts";

/** @throws {CliError} `race.small-budget`: no trial could reach the first rung, so there would be no result */
export function assertBudget({ config, path }: RaceFile, budgetSteps: number | undefined): void {
  const fault = budgetSteps === undefined ? null : budgetFault(config.ladder, budgetSteps);
  if (fault === null) return;
  throw new CliError("race.small-budget", {
    place: path,
    message: `It cannot be raced: ${fault.message}.`,
    wayOut: `Give ${fault.expected}; or lower the first rung of the race file.`,
    exitCode: ExitCode.usage,
  });
}
