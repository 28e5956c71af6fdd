import { ExitCode } from "./exit-codes.ts";

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
