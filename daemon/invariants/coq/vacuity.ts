/**
 * Statements that say little, found by Coq itself: heuristics, run as tactics under a time limit. None of them is a
 * reason to doubt a proof; each is a reason to read the statement.
 */
import type { VacuityKind } from "../../protocol/invariant-report.ts";
import { isQualifiedName } from "./lexer.ts";
import { blocksOf, type Query, type Question, withMarkers } from "./query.ts";

export interface Suspect {
  readonly name: string;
  /** Fully qualified axioms of the project on which the proof rests. */
  readonly projectAxioms: readonly string[];
}

export interface VacuityFinding {
  readonly reason: VacuityKind;
  readonly note: string;
  /** The axiom that is restated, by the name with which it was suspected. */
  readonly axiom: string | null;
}

/** More axioms than this are not tried on one statement. */
const maxAxiomsTried = 16;

/** Defined before the library is required: nothing in it can change how these are read. */
const tactics = [
  "Ltac igla_true g := first [ let p := constr:(I : g) in idtac | match g with ?a /\\ ?b => igla_true a; igla_true b end ].",
  "Ltac igla_disjunct g := match g with ?a \\/ ?b => first [ igla_true a | igla_true b | igla_disjunct a | igla_disjunct b ] end.",
  "Ltac igla_same g := match g with ?x = ?y => constr_eq x y | ?x <-> ?y => constr_eq x y | ?a /\\ ?b => igla_same a; igla_same b end.",
  // Relations between two things of one type, with no variable: `2 + 2 = 4`, `1 < 2`, and what joins such.
  "Ltac igla_closed g := match g with | ex _ => fail 1 | ?a /\\ ?b => igla_closed a; igla_closed b | ?a \\/ ?b => igla_closed a; igla_closed b | ~ ?a => igla_closed a | forall x, _ => fail 1 | _ = _ => idtac | ?r ?a ?b => let A := type of a in let B := type of b in constr_eq A B end.",
  'Ltac igla_goal := match goal with | |- ?g => igla_true g; idtac "implies-true" | |- ?g => igla_same g; idtac "reflexive" | H : ?h |- ?g => constr_eq h g; idtac "restates-hypothesis" | |- ?g => igla_disjunct g; idtac "true-disjunct" end.',
  'Ltac igla_statement t := first [ igla_true t; idtac "true" | assert t; [ intros; igla_goal | ] ].',
  "Ltac igla_restates t a := assert t; [ first [ exact a | intros; first [ exact a | solve [ simple apply a; assumption ] ] ] | ].",
] as const;

/** One block for each suspect; a statement that takes longer than `limitSec` is left without an answer. */
export function vacuityText(question: Omit<Question, "names">, suspects: readonly Suspect[], limitSec: number): Query {
  const byName = new Map(suspects.map((suspect) => [suspect.name, suspect]));
  const ask = (name: string): readonly string[] => {
    const axioms = (byName.get(name)?.projectAxioms ?? []).filter(isQualifiedName);
    const full = `@${question.library}.${name}`;
    const tried = axioms
      .slice(0, maxAxiomsTried)
      .map((axiom) => `igla_restates t (@${axiom}); idtac "restates-axiom" "${axiom}"`);
    const last = axioms.length === 0 ? ['igla_closed t; idtac "closed-computation"'] : [];
    const attempts = ["igla_statement t", ...tried, ...last];
    const each = attempts.map((attempt) => `timeout ${limitSec} (${attempt})`).join(" | ");
    return [`Goal True. let t := type of (${full}) in first [ ${each} | idtac ]. Abort.`];
  };
  return withMarkers(
    question,
    suspects.map((suspect) => suspect.name),
    ask,
    tactics,
  );
}

/** At most one finding a name, the strongest; names about which there is nothing to say have none. */
export function parseVacuity(
  stdout: string,
  nonce: string,
  suspects: readonly Suspect[],
): Map<string, readonly VacuityFinding[]> {
  const found = new Map<string, readonly VacuityFinding[]>();
  const names = suspects.map((suspect) => suspect.name);
  for (const [name, lines] of blocksOf(stdout, nonce, names)) {
    // A long name stands on a line of its own.
    const [word = "", axiom = ""] = lines.join(" ").trim().split(/\s+/);
    const note = notes[word as VacuityKind];
    if (note !== undefined)
      found.set(name, [{ reason: word as VacuityKind, note: note.replace("{axiom}", axiom), axiom: axiom || null }]);
  }
  return found;
}

const notes: Readonly<Record<VacuityKind, string>> = {
  true: "The statement is True, or computes to it.",
  "implies-true": "The conclusion is True: it holds whatever the hypotheses are.",
  reflexive: "The conclusion says of something that it equals itself.",
  "restates-hypothesis": "The conclusion is one of the hypotheses.",
  "true-disjunct": "One side of the conclusion's disjunction is True.",
  "restates-axiom": "The axiom {axiom} alone gives this statement: the proof restates what is assumed.",
  "closed-computation": "The statement has no variable: it is one computation, not a law.",
};
