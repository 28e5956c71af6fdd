/** Any failure as a user sees it: code, place, cause, way out. Never a stack trace. */
import { CommanderError } from "commander";
import { CheckpointError } from "../checkpoint/error.ts";
import type { ConfigError } from "../config/config-error.ts";
import { DataError } from "../data/error.ts";
import { EngineError } from "../engine/error.ts";
import { IglaError } from "../protocol/errors.ts";
import { CliError } from "./cli-error.ts";
import { ExitCode } from "./exit-codes.ts";
import { RaceFileError } from "./race-file.ts";
import { type Line, styled } from "./render/text.ts";

export interface CliFailure {
  readonly code: string;
  /** File, line, key, address; empty when there is none. */
  readonly place: string;
  readonly message: string;
  readonly wayOut: string;
  readonly exitCode: ExitCode;
  /** What a person sees instead of place, message and way out: an excerpt of a file. */
  readonly excerpt?: string;
}

/**
 * What to show for an error. A bad race file gives one entry per diagnostic.
 * @param command what the command line called, as far as it exists: whose help tells how it is used
 */
export function describeFailures(error: unknown, command = "igla"): CliFailure[] {
  if (error instanceof CliError) return [pick(error, error.exitCode)];
  if (error instanceof DataError || error instanceof CheckpointError) return [pick(error, ExitCode.failed)];
  if (error instanceof RaceFileError) return error.errors.map((entry) => describeConfigError(entry, error));
  if (error instanceof IglaError) {
    const exitCode = error.code === "race.bad-config" ? ExitCode.usage : ExitCode.failed;
    return [{ code: error.code, place: "", message: error.message, wayOut: error.action, exitCode }];
  }
  if (error instanceof EngineError) {
    const wayOut = "Run `igla doctor` to see what this machine offers.";
    return [{ code: error.code, place: "", message: error.message, wayOut, exitCode: ExitCode.failed }];
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    const wayOut = `\`${command} --help\` lists what can be given.`;
    return [{ code: "cli.usage", place: command, message, wayOut, exitCode: ExitCode.usage }];
  }
  const message = error instanceof Error ? error.message : String(error);
  const wayOut = "This is a defect of Igla. Run the command again with IGLA_DEBUG=1 and report what it prints.";
  return [{ code: "cli.internal", place: "", message, wayOut, exitCode: ExitCode.failed }];
}

function pick(error: { code: string; place: string; message: string; wayOut: string }, exitCode: ExitCode): CliFailure {
  return { code: error.code, place: error.place, message: error.message, wayOut: error.wayOut, exitCode };
}

function describeConfigError(error: ConfigError, file: RaceFileError): CliFailure {
  const { code, line, column, message, expected, suggestion } = error;
  const wayOut =
    suggestion !== null
      ? `Did you mean ${suggestion}?`
      : expected !== null
        ? `Expected: ${expected}.`
        : "Correct the line.";
  const place = `${error.file}:${line}:${column}`;
  return { code, place, message, wayOut, exitCode: ExitCode.usage, excerpt: file.excerpt(error) };
}

/** `error data.leak  corpus.txt` / message / `way out: ...` */
export function failureLines(failure: CliFailure): Line[] {
  if (failure.excerpt !== undefined) {
    return [
      [styled("red", `error ${failure.code}`)],
      ...failure.excerpt.split("\n").map((line): Line => [`  ${line}`]),
    ];
  }
  const place = failure.place === "" ? [] : [` ${failure.place}`];
  return [
    [styled("red", `error ${failure.code}`), ...place],
    [`  ${failure.message}`],
    [styled("dim", `  way out: ${failure.wayOut}`)],
  ];
}
