/**
 * Pre-flight: the runtime checks of an assertion file against all that a race can be. Pure; the daemon asks before it
 * starts a race, the language server while one is written.
 */
import type { GuardFinding } from "../../protocol/guards.ts";
import type { AssertionEntry } from "../model.ts";
import { type GuardedRace, notApplicable } from "./guarded-race.ts";
import { type Check, emaCheck, gf16Check, lrCheck, ncaCheck, pruneCheck, qkGainCheck } from "./key-checks.ts";
import { descentCheck, ladderCheck, lucasCheck, seedsCheck } from "./rule-checks.ts";

export interface GuardInput {
  readonly entries: readonly AssertionEntry[];
  readonly race: GuardedRace;
}

const checks: ReadonlyMap<number, Check> = new Map([
  [1, descentCheck],
  [2, pruneCheck],
  [3, gf16Check],
  [4, ncaCheck],
  [5, lucasCheck],
  [6, emaCheck],
  [7, seedsCheck],
  [8, lrCheck],
  [9, qkGainCheck],
  [10, ladderCheck],
  [12, ladderCheck],
]);

/** `INV-8`, `INV-008`, `inv8` and `Inv_8` are 8; null for other ids. */
export function invariantNumber(id: string): number | null {
  const digits = /^\s*inv[-_ ]?(\d{1,6})\s*$/i.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** One finding for each entry that has a runtime check, in order of the file. */
export function checkGuards({ entries, race }: GuardInput): readonly GuardFinding[] {
  return entries.flatMap((entry): GuardFinding[] => {
    if (entry.runtimeCheck === null) return [];
    const number = invariantNumber(entry.id.value);
    const check = number === null ? undefined : checks.get(number);
    const verdict = check?.(race, entry) ?? notApplicable(`Igla has no check of the name ${entry.id.value}.`);
    const { theorem, coqPath, claimed, runtimeCheck, place } = entry;
    return [
      {
        id: entry.id.value,
        action: runtimeCheck.action,
        message: runtimeCheck.message,
        ...verdict,
        theorem:
          theorem === null ? null : { name: theorem.value, path: coqPath, claim: claimed?.value ?? "", status: null },
        place,
      },
    ];
  });
}
