/** Coq's commands by what they do to the text around them. */

export const theoremWords = new Set(["Theorem", "Lemma", "Fact", "Remark", "Corollary", "Proposition", "Property"]);

/** They open a proof when they have no `:=`. */
export const definitionWords = new Set([
  "Definition",
  "Example",
  "Let",
  "Fixpoint",
  "CoFixpoint",
  "Function",
  "Instance",
  "Canonical",
  "Coercion",
]);

/** They declare and never open a proof. */
export const inductiveWords = new Set(["Inductive", "CoInductive", "Variant", "Record", "Structure", "Class"]);

/** They postulate wherever they stand, but for a module type. */
export const axiomWords = new Set(["Axiom", "Axioms", "Parameter", "Parameters", "Conjecture", "Conjectures"]);

/** They postulate outside of a section only; inside they are its variables. */
export const variableWords = new Set(["Variable", "Variables", "Hypothesis", "Hypotheses", "Context"]);

export const endingWords = new Set(["Qed", "Defined", "Save", "Admitted", "Abort"]);
