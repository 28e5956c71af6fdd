/** The assertion file that guards a race: where it lies, and what it holds. */
import { dirname, join } from "node:path";
import { guardPath } from "../invariants/guard-path.ts";
import type { AssertionSource } from "../invariants/model.ts";
import { readAssertions } from "../invariants/read-assertions.ts";
import { IglaError } from "../protocol/errors.ts";
import { readText } from "./read-text.ts";

export interface AssertionFile {
  /** Absolute; paths of the file are relative to it. */
  readonly folder: string;
  readonly source: AssertionSource;
}

/** Where the file may lie, in the order of looking: beside the race file, then in the workspace. */
export function assertionPlaces(
  workspace: string,
  racePath: string,
  named: string | null,
): readonly { readonly folder: string; readonly path: string }[] {
  const path = guardPath(named);
  return [...new Set([dirname(racePath), workspace])].map((folder) => ({ folder, path }));
}

/**
 * Looks beside the race file, then in the workspace.
 * @param named as the race file names it; null: the usual one, where there is one
 * @throws {IglaError} `race.bad-assertions`: it cannot be read, or the race file names one that does not exist
 */
export async function findAssertionFile(
  workspace: string,
  racePath: string,
  named: string | null,
): Promise<AssertionFile | null> {
  for (const { folder, path } of assertionPlaces(workspace, racePath, named)) {
    const file = join(folder, path);
    const text = await readText(file).catch((error: Error) => {
      throw new IglaError("race.bad-assertions", `${file}: ${error.message}.`, null, { cause: error });
    });
    if (text !== null) return { folder, source: parse(path, text, file) };
  }
  if (named === null) return null;
  throw new IglaError("race.bad-assertions", `${named} exists neither beside the race file nor in ${workspace}.`);
}

/** A guard that can be read in parts only is no guard: one broken bracket could hide an entry. */
function parse(path: string, text: string, file: string): AssertionSource {
  const source = readAssertions(path, text);
  if (source === null) throw new IglaError("race.bad-assertions", `${file} holds no invariants.`);
  const unread = source.problems.find(({ code }) => code === "no-invariants");
  const what = source.entries.length === 0 ? " holds no invariants." : ":";
  if (unread !== undefined) throw new IglaError("race.bad-assertions", `${file}${what} ${unread.message}`);
  const fault = source.problems.find(({ code }) => code === "json-syntax");
  if (fault === undefined) return source;
  const { line, character } = fault.place.range.start;
  throw new IglaError("race.bad-assertions", `${file}:${line + 1}:${character + 1}: ${fault.message}`);
}
