/** Axioms of the standard library that most proofs rest on, located along with the first question. */
import { blocksOf, type Query, type Question, withMarkers } from "./query.ts";

/** As Coq prints them where their library is not imported. Another name, or another meaning of one, costs a further run. */
const expected: readonly string[] = [
  "ClassicalDedekindReals.sig_not_dec",
  "ClassicalDedekindReals.sig_forall_dec",
  "FunctionalExtensionality.functional_extensionality_dep",
  "Classical_Prop.classic",
  "ProofIrrelevance.proof_irrelevance",
  "Eqdep.Eq_rect_eq.eq_rect_eq",
  "PropExtensionality.propositional_extensionality",
  "IndefiniteDescription.constructive_indefinite_description",
];

/** `Locate` never stops a query, whether the name exists or not. */
export function expectedText(question: Omit<Question, "names">): Query {
  return withMarkers(question, expected, (name) => [`Locate Term ${name}.`]);
}

/** Names as printed that have one meaning, and what they stand for. */
export function parseExpected(stdout: string, nonce: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, lines] of blocksOf(stdout, nonce, expected)) {
    // A second meaning, or a remark about a shorter name, is further text.
    const [, qualifiedName] = /^Constant\s+(\S+)$/.exec(lines.join(" ").trim()) ?? [];
    if (qualifiedName !== undefined) found.set(name, qualifiedName);
  }
  return found;
}
