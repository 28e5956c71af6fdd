/** What Coq said of one theorem, as a text. Pure. */
import { vacuityNotes } from "../../daemon/protocol/certainty.ts";
import type { AssumptionKind, TheoremReport } from "../../daemon/protocol/invariant-report.ts";
import type { Translate } from "../translate.ts";
import { statusLabel } from "../views/invariants-model.ts";
import { evidenceText } from "../views/invariants-tooltip.ts";

/** In Coq's own syntax, so that it is coloured like a proof. */
export function theoremText(theorem: TheoremReport, t: Translate): string {
  const { keyword, name, statement, status, assumptions, place, usedBy } = theorem;
  const kinds: readonly (readonly [AssumptionKind, string])[] = [
    ["admitted", t("Admitted proofs")],
    ["project-axiom", t("Axioms of this project")],
    ["unsafe", t("Checks that were switched off")],
    ["standard", t("Axioms of the standard library")],
  ];
  const groups = kinds.flatMap(([kind, title]) => {
    const own = assumptions.filter((one) => one.kind === kind);
    if (own.length === 0) return [];
    return ["", comment(title), ...own.map((one) => (one.type === "" ? one.name : `${one.name} : ${one.type}`))];
  });
  const notes = vacuityNotes(theorem.marks);
  const isClosed = assumptions.length === 0 && theorem.evidence.level !== "text";
  return [
    comment(`${name}: ${statusLabel(status, t)}`),
    comment(evidenceText(theorem, t)),
    comment(`${place.path}:${place.range.start.line + 1}`),
    ...(usedBy.length === 0 ? [] : [comment(t("Stands behind {0}", usedBy.join(", ")))]),
    ...notes.map((note) => comment(`${note} (${t("heuristic")})`)),
    "",
    statement === "" ? `${keyword} ${name}.` : `${keyword} ${name} : ${statement}.`,
    ...(isClosed ? ["", comment(t("Closed under the global context: it assumes nothing."))] : groups),
    "",
  ].join("\n");
}

/** Whatever the text holds, it ends no comment early and opens none. */
export function comment(text: string): string {
  return `(* ${text.replaceAll("(*", "( *").replaceAll("*)", "* )")} *)`;
}
