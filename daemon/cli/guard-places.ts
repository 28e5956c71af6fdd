/** Where in the race file a finding of pre-flight points. */
import { basename } from "node:path";
import { keySpan } from "../config/key-span.ts";
import { IglaError } from "../protocol/errors.ts";
import { type GuardFinding, guardFindingSchema } from "../protocol/guards.ts";
import { CliError } from "./cli-error.ts";
import type { RaceFile } from "./race-file.ts";

/** `race.igla.toml:22:7`; empty when the file does not write the key, nor what decides it. */
export function guardPlace({ key, varies }: GuardFinding, { path, text }: RaceFile): string {
  const span = key === null ? null : keySpan(text, key, varies);
  return span === null ? "" : `${basename(path)}:${span.line}:${span.column}`;
}

/** A race that an invariant forbids, with the place of the first key in question; any other error as it is. */
export function withGuardPlace(error: unknown, file: RaceFile): unknown {
  if (!(error instanceof IglaError) || error.code !== "race.guarded") return error;
  const first = guardFindingSchema.safeParse(Array.isArray(error.data) ? error.data[0] : null);
  const place = first.success ? guardPlace(first.data, file) : "";
  return new CliError(error.code, { place, message: error.message, wayOut: error.action });
}
