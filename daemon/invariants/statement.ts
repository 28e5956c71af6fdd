/** What a theorem says, for readers. */
import type { Range } from "../protocol/invariant-report.ts";
import { variableWords } from "./coq/words.ts";
import type { CoqScan, ScannedDeclaration } from "./model.ts";

/**
 * The statement as the file writes it. What the sections around it take for given stands before it, as a comment of Coq's:
 * outside of the section it becomes a premise, and without it the theorem would seem to say more than is proven.
 */
export function statementOf({ declarations }: CoqScan, theorem: ScannedDeclaration): string {
  const given = declarations.filter((one) => isGiven(one, theorem));
  if (given.length === 0) return theorem.statement;
  const list = given.map(({ name, statement }) => (statement === "" ? name : `${name} : ${statement}`));
  return `(* its section assumes ${list.join("; ").replaceAll("*)", "* )")} *) ${theorem.statement}`;
}

/** What postulates is an assumption, which Coq tells of. */
function isGiven({ keyword, postulates, scope, range }: ScannedDeclaration, theorem: ScannedDeclaration): boolean {
  const isAround = scope.length > 0 && scope.every((name, depth) => theorem.scope[depth] === name);
  return variableWords.has(keyword) && !postulates && isAround && isBefore(range.start, theorem.range.start);
}

function isBefore(a: Range["start"], b: Range["start"]): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
