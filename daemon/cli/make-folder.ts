/** Makes a folder for results, and says in plain words why it cannot. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CliError } from "./cli-error.ts";
import { ExitCode } from "./exit-codes.ts";

/**
 * The folder that an argument names; null: the present one.
 * @throws {CliError} `cli.no-name`: the argument is empty, as from a variable of a script that was never set
 */
export function namedFolder(target: string | null, cwd: string): string {
  if (target?.trim() === "") {
    throw new CliError("cli.no-name", {
      place: "DIR",
      message: "The name of the folder is empty.",
      wayOut: "Name a folder, or write . for this one.",
      exitCode: ExitCode.usage,
    });
  }
  return resolve(cwd, target ?? ".");
}

/**
 * Makes a folder and those above it; one that is there already is fine.
 * @throws {CliError} `cli.not-a-folder`, `cli.read-only` with the first place that stands in the way
 */
export async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return;
  if (found !== null) throw inTheWay(folder);
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  // Not `recursive`: where the system lets nobody make a folder, as in /proc, that never ends.
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw notWritable(folder, error);
    return stat(folder).then(
      (other) => {
        // Another process was faster.
        if (!other.isDirectory()) throw inTheWay(folder);
      },
      () => {
        throw notWritable(folder, error);
      },
    );
  });
}

function inTheWay(path: string): CliError {
  return new CliError("cli.not-a-folder", {
    place: path,
    message: "This is a file, not a folder. Nothing was written.",
    wayOut: "Name another folder, or move the file away.",
    exitCode: ExitCode.usage,
  });
}

/** Whatever the system said about a place that cannot be written. */
export function notWritable(path: string, error: unknown): CliError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new CliError("cli.read-only", {
    place: path,
    message: `This cannot be written: ${causes[code] ?? message}.`,
    wayOut: "Name a folder that you may write to.",
  });
}

const causes: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "the system allows no new files or folders there",
  EEXIST: "a link to nowhere is in its place",
};
