/** The outline of an assertion file (its invariants) and of a proof (its modules, theorems and definitions). */
import { type DocumentSymbol, SymbolKind } from "vscode-languageserver";
import type { ScannedDeclaration } from "../../invariants/model.ts";
import { isSameStart } from "../../invariants/places.ts";
import { glyphOf, statusText } from "./describe.ts";
import type { ProofFolder } from "./proof-folder.ts";

export function proofOutline(folder: ProofFolder, path: string): DocumentSymbol[] {
  return path.endsWith(".json") ? invariants(folder, path) : declarations(folder, path);
}

function invariants(folder: ProofFolder, path: string): DocumentSymbol[] {
  const file = folder.assertionFile(path);
  return (file?.invariants ?? []).map((one) => ({
    name: one.name === "" ? one.id : `${one.id} ${one.name}`,
    detail: `${one.claimText || "no claim"} ${glyphOf(one)} ${one.status ?? "not checked"}`,
    kind: SymbolKind.Interface,
    range: one.place.range,
    selectionRange: one.idPlace.range,
  }));
}

function declarations(folder: ProofFolder, path: string): DocumentSymbol[] {
  const scan = folder.texts.scan(path);
  if (scan?.kind !== "coq") return [];
  const theorems = folder.proofFile(path)?.theorems ?? [];
  return scan.declarations.map((one) => {
    const theorem = theorems.find(({ place }) => isSameStart(place.range, one.range));
    return {
      name: [...one.scope, one.name].join("."),
      detail: theorem === undefined ? one.keyword : `${one.keyword} ${glyphOf(theorem)} ${statusText(theorem)}`,
      kind: kindOf(one),
      range: one.whole,
      selectionRange: one.range,
    };
  });
}

function kindOf({ postulates, reading }: ScannedDeclaration): SymbolKind {
  if (postulates) return SymbolKind.Constant;
  return reading === "definition" ? SymbolKind.Function : SymbolKind.Method;
}
