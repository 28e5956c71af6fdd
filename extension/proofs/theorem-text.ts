/** What Coq said of one theorem, as a text. Pure. */
import { vacuityNotes } from "../../daemon/protocol/certainty.ts";
import type { TheoremReport } from "../../daemon/protocol/invariant-report.ts";
import type { Translate } from "../translate.ts";
import { assumptionGroups } from "../views/assumption-groups.ts";
import { statusLabel } from "../views/invariants-model.ts";
import { evidenceText } from "../views/invariants-tooltip.ts";

/** In Coq's own syntax, so that it is coloured like a proof. */
export function theoremText(theorem: TheoremReport, t: Translate): string {
  const { keyword, name, statement, status, assumptions, place, usedBy } = theorem;
  const groups = assumptionGroups(assumptions, t).flatMap(({ title, members }) => [
    "",
    comment(title),
    ...members.map(({ name: assumed, type }) => (type === "" ? assumed : `${assumed} : ${type}`)),
  ]);
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
