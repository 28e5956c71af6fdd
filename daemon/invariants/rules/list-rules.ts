/** The lists and counts that an entry keeps by hand. */
import type { Assumption, Fix, Reason } from "../../protocol/invariant-report.ts";
import { type Cited, type Folder, plainName } from "../folder.ts";
import { objectText } from "../layout.ts";
import type { AssertionEntry, ListEnd } from "../model.ts";
import type { StatusResult } from "../status.ts";
import { reason, replaceFix } from "./reason.ts";

/** `admitted_theorems` against what exists and against what the theorem rests on. */
export function listReasons(entry: AssertionEntry, cited: Cited, judged: StatusResult, folder: Folder): Reason[] {
  const unknown = entry.admittedTheorems
    .filter(({ value }) => !folder.declares(value))
    .map(({ value, place }) =>
      reason("admitted-name-unknown", `${value} is listed as admitted, and no proof file declares it.`, place),
    );
  const listed = new Set(entry.admittedTheorems.map(({ value }) => plainName(value)));
  const admitted = judged.assumptions.filter(({ kind }) => kind === "admitted");
  const missing = entry.admittedEnd === null ? [] : admitted.filter(({ name }) => !listed.has(plainName(name)));
  return [...unknown, ...missing.map((assumption) => notListed(entry, cited, assumption))];
}

function notListed(entry: AssertionEntry, cited: Cited, { name, place }: Assumption): Reason {
  const short = plainName(name);
  const end = entry.admittedEnd;
  const related = place === null ? [] : [{ message: "admitted here", place }];
  const message = `${cited.name} rests on ${short}, which is admitted and not listed.`;
  const at = entry.admittedTheorems.at(-1)?.place ?? end?.place ?? entry.place;
  const fixes = end === null ? [] : [addFix(short, end)];
  return reason("admitted-not-listed", message, at, { related, fixes });
}

function addFix(name: string, { place, before, after, item }: ListEnd): Fix {
  const text = item === null ? JSON.stringify(name) : objectText(item.layout, { [item.key]: name });
  return replaceFix(`Add ${name} to admitted_theorems`, place, `${before}${text}${after}`);
}

export function countReasons(entry: AssertionEntry, { scan, path }: Cited): Reason[] {
  if (scan === null) return [];
  const proven = scan.declarations.filter(({ reading }) => reading === "qed" || reading === "proof-term").length;
  const counts = [
    { written: entry.admittedCount, counted: scan.admittedCount, what: "admitted" },
    { written: entry.qedCount, counted: proven, what: "ended with Qed" },
  ];
  return counts.flatMap(({ written, counted, what }) => {
    if (written === null || written.value === counted) return [];
    const message = `The file says ${written.value} ${what}; ${path} has ${counted}.`;
    const fixes = [replaceFix(`Set the count to ${counted}`, written.place, String(counted))];
    return [reason("count-disagrees", message, written.place, { fixes })];
  });
}
