/** Reasons with the gravity that their code has. */
import type { Fix, Place, Reason, Severity } from "../../protocol/invariant-report.ts";
import { codeDocs, type InvariantCode } from "../codes.ts";

interface Extras {
  readonly related?: Reason["related"];
  readonly fixes?: readonly Fix[];
  /** Instead of the code's own. */
  readonly severity?: Severity;
}

export function reason(code: InvariantCode, message: string, place: Place, extras: Extras = {}): Reason {
  const { related = [], fixes = [], severity = codeDocs[code].severity } = extras;
  return { code, severity, message, place, related, fixes };
}

/** One edit in the place's own file. */
export function replaceFix(title: string, place: Place, newText: string): Fix {
  return { title, path: place.path, edits: [{ range: place.range, newText }] };
}
