/** What is to be said about an assertion file as a whole: ids, shared theorems, the budget. */
import type { AssertionFileReport, InvariantReport, Reason } from "../../protocol/invariant-report.ts";
import { isInvariantCode } from "../codes.ts";
import { type Folder, plainName } from "../folder.ts";
import type { AssertionSource } from "../model.ts";
import { compactId } from "../places.ts";
import { judgeEntry } from "./entry-rules.ts";
import { reason, replaceFix } from "./reason.ts";

export function judgeAssertions(source: AssertionSource, folder: Folder): AssertionFileReport {
  const invariants = source.entries.map((entry) => judgeEntry(entry, source.path, folder));
  const counted = countedDebt(source, folder);
  const budget =
    source.budget === null
      ? null
      : { max: source.budget.max?.value ?? null, used: source.budget.used?.value ?? null, counted };
  const problems = source.problems.flatMap(({ code, message, place }) =>
    isInvariantCode(code) ? [reason(code, message, place)] : [],
  );
  const reasons = [
    ...problems,
    ...duplicateIds(invariants),
    ...sharedTheorems(source, folder),
    ...budgetReasons(source, counted),
  ];
  // What stands where is not sure in a broken file: an edit could make it worse.
  if (!isBroken(source)) return { path: source.path, budget, invariants, reasons };
  return {
    path: source.path,
    budget,
    invariants: invariants.map((one) => ({ ...one, reasons: one.reasons.map(withoutFixes) })),
    reasons: reasons.map(withoutFixes),
  };
}

/** Whether the text is no JSON: what was read of it is a guess. */
export function isBroken({ problems }: AssertionSource): boolean {
  return problems.some(({ code }) => code === "json-syntax");
}

function withoutFixes(one: Reason): Reason {
  return { ...one, fixes: [] };
}

/** Admitted proofs and axioms of the files that the entries cite. */
function countedDebt(source: AssertionSource, folder: Folder): number {
  const scans = new Set(source.entries.map((entry) => folder.cited(entry, source.path).scan));
  return [...scans].reduce((sum, scan) => sum + (scan === null ? 0 : scan.admittedCount + scan.axiomCount), 0);
}

function duplicateIds(invariants: readonly InvariantReport[]): Reason[] {
  const first = new Map<string, InvariantReport>();
  return invariants.flatMap((invariant) => {
    const other = first.get(invariant.id);
    if (other === undefined) {
      first.set(invariant.id, invariant);
      return [];
    }
    const related = [{ message: "first used here", place: other.idPlace }];
    return [reason("duplicate-id", `${invariant.id} is used twice.`, invariant.idPlace, { related })];
  });
}

function sharedTheorems({ entries, path }: AssertionSource, folder: Folder): Reason[] {
  const first = new Map<string, (typeof entries)[number]>();
  const ids = new Map(entries.map(({ id }) => [compactId(id.value), id.value]));
  return entries.flatMap((entry) => {
    if (entry.theorem === null) return [];
    const { place, value } = entry.theorem;
    const found: Reason[] = [];
    const cited = folder.cited(entry, path);
    const key = `${cited.path ?? ""}#${plainName(value)}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, entry);
    else if (other.id.value !== entry.id.value) {
      const related = [{ message: `cited by ${other.id.value}`, place: other.theorem?.place ?? other.place }];
      found.push(reason("shared-theorem", `${value} also stands behind ${other.id.value}.`, place, { related }));
    }
    const owner = ids.get(ownerIn(plainName(value)));
    if (owner !== undefined && owner !== entry.id.value) {
      found.push(reason("theorem-of-other", `${value} carries the id of ${owner}, not of ${entry.id.value}.`, place));
    }
    return found;
  });
}

/** `inv_3_lower_bound` and `INV3bound` belong to `INV-3`. */
function ownerIn(name: string): string {
  const number = /^inv[_-]?(\d+)/i.exec(name)?.[1];
  return number === undefined ? "" : `inv${Number(number)}`;
}

function budgetReasons({ budget }: AssertionSource, counted: number): Reason[] {
  const found: Reason[] = [];
  const what = "Admitted proofs and axioms of the cited files";
  if (budget?.max && counted > budget.max.value) {
    found.push(reason("budget-exceeded", `${what}: ${counted}; the budget is ${budget.max.value}.`, budget.max.place));
  }
  if (budget?.used && budget.used.value !== counted) {
    const code = counted > budget.used.value ? "budget-exceeded" : "count-disagrees";
    const message = `${what}: ${counted}; the file says ${budget.used.value}.`;
    const fixes = [replaceFix(`Set used to ${counted}`, budget.used.place, String(counted))];
    found.push(reason(code, message, budget.used.place, { fixes }));
  }
  return found;
}
