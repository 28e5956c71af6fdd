/** Reads and checks a race file before anything is started for it. */
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type ConfigError, formatConfigError } from "../config/config-error.ts";
import { parseRaceFile } from "../config/parse.ts";
import type { RaceConfig } from "../config/race-config.ts";
import { levers } from "../levers/registry.ts";
import { CliError } from "./cli-error.ts";
import { ExitCode } from "./exit-codes.ts";

export interface RaceFile {
  /** Absolute. */
  readonly path: string;
  /** Corpus paths are relative to this folder. */
  readonly folder: string;
  readonly text: string;
  readonly config: RaceConfig;
}

/** All errors of a race file, with the text that they are about. */
export class RaceFileError extends Error {
  readonly errors: readonly ConfigError[];
  readonly source: string;

  constructor(errors: readonly ConfigError[], source: string) {
    super(`${errors.length} errors in the race file`);
    this.name = "RaceFileError";
    this.errors = errors;
    this.source = source;
  }

  excerpt(error: ConfigError): string {
    return formatConfigError(error, this.source);
  }
}

/** @throws {RaceFileError} with every error of the file; {CliError} `cli.no-race-file` */
export async function readRaceFile(path: string, cwd: string): Promise<RaceFile> {
  const absolute = resolve(cwd, path);
  return parseRaceText(await readText(absolute), absolute);
}

/** @param path absolute; where the text lies or would lie */
export function parseRaceText(text: string, path: string): RaceFile {
  const parsed = parseRaceFile(text, basename(path), levers);
  if (!parsed.ok) throw new RaceFileError(parsed.errors, text);
  return { path, folder: dirname(path), text, config: parsed.config };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
    throw new CliError("cli.no-race-file", {
      place: path,
      message: `The race file cannot be read: ${reason}.`,
      wayOut: "Name a *.igla.toml file; media/demo.igla.toml is an example.",
      exitCode: ExitCode.usage,
    });
  }
}
