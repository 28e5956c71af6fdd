/** Where in the race file a finding of pre-flight points. */
import { basename } from "node:path";
import * as z from "zod";
import { keySpan } from "../config/key-span.ts";
import { IglaError } from "../protocol/errors.ts";
import { type GuardFinding, guardFindingSchema } from "../protocol/guards.ts";
import { CliError } from "./cli-error.ts";
import { shellWord } from "./command-text.ts";
import type { RaceFile } from "./race-file.ts";

/** `race.igla.toml:22:7`; empty when the file does not write the key, nor what decides it. */
export function guardPlace({ key, varies }: GuardFinding, file: RaceFile): string {
  return key === null ? "" : keyPlace(key, varies, file);
}

function keyPlace(key: string, varies: boolean, { path, text }: RaceFile): string {
  const span = keySpan(text, key, varies);
  return span === null ? "" : `${basename(path)}:${span.line}:${span.column}`;
}

/** A race that invariants keep out, with the place of the key in question; any other error as it is. */
export function withGuardPlace(error: unknown, file: RaceFile): unknown {
  if (!(error instanceof IglaError)) return error;
  if (error.code === "race.guarded") {
    const first = guardFindingSchema.safeParse(Array.isArray(error.data) ? error.data[0] : null);
    const place = first.success ? guardPlace(first.data, file) : "";
    return new CliError(error.code, { place, message: error.message, wayOut: error.action });
  }
  if (error.code !== "race.unproven") return error;
  const place = keyPlace("invariants.require", false, file);
  return new CliError(error.code, { place, message: error.message, wayOut: unprovenWayOut(error, place) });
}

const unprovenSchema = z.object({ folder: z.string() });

/** The whole command, where the folder of the proofs is known. */
function unprovenWayOut({ action, data }: IglaError, place: string): string {
  const known = unprovenSchema.safeParse(data);
  if (!known.success) return action;
  const command = `igla invariants check ${shellWord(known.data.folder)}`;
  return `Run \`${command}\`, mend the proofs that it names, or write require = "none" at ${place}.`;
}
