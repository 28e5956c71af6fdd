/** Any failure as a user sees it: code, place, cause, way out. Never a stack trace. */
import { CommanderError } from "commander";
import { CheckpointError } from "../checkpoint/error.ts";
import { DataError } from "../data/error.ts";
import { EngineError } from "../engine/error.ts";
import { IglaError } from "../protocol/errors.ts";
import { ExitCode } from "./exit-codes.ts";
import { type Line, styled } from "./render/text.ts";

export interface CliFailure {
  readonly code: string;
  /** File, line, key, address; empty when there is none. */
  readonly place: string;
  readonly message: string;
  readonly wayOut: string;
  readonly exitCode: ExitCode;
}

/** A failure of the command line itself. */
export class CliError extends Error {
  readonly code: string;
  readonly place: string;
  readonly wayOut: string;
  readonly exitCode: ExitCode;

  constructor(code: string, failure: { message: string; wayOut: string; place?: string; exitCode?: ExitCode }) {
    super(failure.message);
    this.name = "CliError";
    this.code = code;
    this.place = failure.place ?? "";
    this.wayOut = failure.wayOut;
    this.exitCode = failure.exitCode ?? ExitCode.failed;
  }
}

/** One place and message of a race file that has errors. */
interface Diagnostic {
  readonly place: string;
  readonly message: string;
}

/** What to show for an error. A bad race file gives one entry per diagnostic. */
export function describeFailures(error: unknown): CliFailure[] {
  if (error instanceof CliError) return [pick(error, error.exitCode)];
  if (error instanceof DataError || error instanceof CheckpointError) return [pick(error, ExitCode.failed)];
  if (error instanceof IglaError) return describeIglaError(error);
  if (error instanceof EngineError) {
    const wayOut = "Run `igla doctor` to see what this machine offers.";
    return [{ code: error.code, place: "", message: error.message, wayOut, exitCode: ExitCode.failed }];
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "");
    return [{ code: "cli.usage", place: "", message, wayOut: "See `igla --help`.", exitCode: ExitCode.usage }];
  }
  const message = error instanceof Error ? error.message : String(error);
  const wayOut = "This is a defect of Igla. Run the command again with IGLA_DEBUG=1 and report what it prints.";
  return [{ code: "cli.internal", place: "", message, wayOut, exitCode: ExitCode.failed }];
}

function pick(error: { code: string; place: string; message: string; wayOut: string }, exitCode: ExitCode): CliFailure {
  return { code: error.code, place: error.place, message: error.message, wayOut: error.wayOut, exitCode };
}

function describeIglaError(error: IglaError): CliFailure[] {
  const exitCode = error.code === "race.bad-config" ? ExitCode.usage : ExitCode.failed;
  const diagnostics = diagnosticsOf(error.data);
  if (diagnostics.length === 0) {
    return [{ code: error.code, place: "", message: error.message, wayOut: error.action, exitCode }];
  }
  return diagnostics.map(({ place, message }) => ({
    code: error.code,
    place,
    message,
    wayOut: error.action,
    exitCode,
  }));
}

function diagnosticsOf(data: unknown): Diagnostic[] {
  return Array.isArray(data) ? data.filter((item): item is Diagnostic => typeof item?.message === "string") : [];
}

/** `error data.leak  corpus.txt` / message / `way out: ...` */
export function failureLines(failure: CliFailure): Line[] {
  const place = failure.place === "" ? [] : [` ${failure.place}`];
  return [
    [styled("red", `error ${failure.code}`), ...place],
    [`  ${failure.message}`],
    [styled("dim", `  way out: ${failure.wayOut}`)],
  ];
}
