/** Errors of a race file, and short ways to name them. */
import { expect } from "vitest";
import type { ConfigError } from "../../../daemon/config/config-error.ts";
import { parseRaceFile } from "../../../daemon/config/parse.ts";
import { catalogue } from "./catalogue.ts";

export const file = "race.igla.toml";

export function errorsOf(text: string): readonly ConfigError[] {
  const parsed = parseRaceFile(text, file, catalogue);
  return parsed.ok ? [] : parsed.errors;
}

/** "line:column-endLine:endColumn code path". */
export function places(text: string): string[] {
  return errorsOf(text).map(
    (e) => `${e.line}:${e.column}-${e.endLine}:${e.endColumn} ${e.code}${e.path === "" ? "" : ` ${e.path}`}`,
  );
}

/** The one error of a text. */
export function only(text: string): ConfigError {
  const errors = errorsOf(text);
  expect(errors).toHaveLength(1);
  return errors[0] as ConfigError;
}
