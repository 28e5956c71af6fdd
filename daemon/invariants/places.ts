/** Places and ids that mean the same. */
import type { Place, Range } from "../protocol/invariant-report.ts";

export function isSamePlace(a: Place, b: Place): boolean {
  return a.path === b.path && isSameStart(a.range, b.range);
}

export function isSameStart({ start: a }: Range, { start: b }: Range): boolean {
  return a.line === b.line && a.character === b.character;
}

/** `INV-08`, `inv8` and `Inv 8` are one id. */
export function compactId(id: string): string {
  return id
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "")
    .replace(/^inv0+(?=\d)/, "inv");
}
