/**
 * Which names of a `.glob` file Coq knows under their full name. A theorem of a module type or of a functor is none,
 * nor is what `Fail` declared, though coqc lists all of them; asking about one would stop the whole query.
 */
import type { GlobDeclaration } from "../facts.ts";
import type { CoqScan } from "../model.ts";
import { isQualifiedName } from "./lexer.ts";
import { blocksOf, type Query, type Question, withMarkers } from "./query.ts";

/**
 * Theorems, axioms, and whatever else the text proves (coqc calls an `Example` or a `Definition` with a proof `def`, an
 * `Instance` with one `inst`), module path included, each once; those of module types are left out.
 */
export function askableNames(declarations: readonly GlobDeclaration[], scan: CoqScan): string[] {
  const full = (each: GlobDeclaration): string =>
    each.modulePath === "" ? each.name : `${each.modulePath}.${each.name}`;
  const moduleTypes = new Set(declarations.filter((each) => each.kind === "modtype").map(full));
  const proved = new Set(scan.declarations.filter((each) => each.reading !== "definition").map((each) => each.name));
  const names = declarations
    .filter(
      ({ kind, name }) => kind === "prf" || kind === "ax" || ((kind === "def" || kind === "inst") && proved.has(name)),
    )
    .filter((each) => !pathsTo(each.modulePath).some((path) => moduleTypes.has(path)))
    .map(full);
  return [...new Set(names)].filter(isQualifiedName);
}

/** `A.B.C`: `A`, `A.B` and `A.B.C`. */
function pathsTo(modulePath: string): string[] {
  const parts = modulePath.split(".");
  return parts.map((_part, index) => parts.slice(0, index + 1).join("."));
}

/** For when a query stopped at a name: `Locate` never stops, whatever it is asked. */
export function locateText(question: Question): Query {
  return withMarkers(question, question.names, (name) => [`Locate Term ${question.library}.${name}.`]);
}

/** The names that exist, in the order of the question. */
export function parseLocated(stdout: string, question: Question): string[] {
  const blocks = blocksOf(stdout, question.nonce, question.names);
  return question.names.filter((name) => {
    const [, located] = /^Constant\s+(\S+)/.exec((blocks.get(name) ?? []).join("\n")) ?? [];
    return located === `${question.library}.${name}`;
  });
}
