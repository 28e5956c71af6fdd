/** Tooltips of the invariants view as Markdown. Pure. */
import { certaintyOf, vacuityNotes } from "../../daemon/protocol/certainty.ts";
import type { Assumption, Evidence, InvariantReport } from "../../daemon/protocol/invariant-report.ts";
import { codeName, coqBlock, escapeMarkdown } from "../../daemon/protocol/markdown.ts";
import type { Translate } from "../translate.ts";
import { assumptionGroups } from "./assumption-groups.ts";
import { statusLabel, verdictLabel } from "./invariants-model.ts";

const maxShown = 8;

export function claimTooltip(one: InvariantReport, t: Translate): string {
  const { id, claimText, status, verdict, theorem, statement, assumptions, reasons } = one;
  const claimed = claimText === "" ? t("no claim") : claimText;
  return [
    `**${escapeMarkdown(id)}** ${verdictLabel(verdict, t)}`,
    `${t("claimed")}: **${escapeMarkdown(claimed)}** · ${t("truth")}: **${statusLabel(status, t)}**`,
    ...reasons.slice(0, 3).map(({ message }) => escapeMarkdown(message)),
    escapeMarkdown(one.description),
    theorem === null ? "" : codeName(theorem),
    statement === null ? "" : coqBlock(statement),
    ...groups(assumptions, t),
    ...vacuityNotes(one.marks).map((note) => `${escapeMarkdown(note)} (${t("heuristic")})`),
    `*${evidenceText(one, t)}*`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function groups(assumptions: readonly Assumption[], t: Translate): string[] {
  return assumptionGroups(assumptions, t).map(({ title, members }) => {
    const names = members.slice(0, maxShown).map(({ name }) => codeName(name));
    return `${title}: ${names.join(", ")}${members.length > maxShown ? " ..." : ""}`;
  });
}

export function evidenceText(one: Pick<InvariantReport, "marks" | "evidence">, t: Translate): string {
  const { level, prover, elapsedMs, sourceSha256 }: Evidence = one.evidence;
  if (level === "text" || prover === null) return t("Read in the text, not checked by Coq.");
  const seconds = elapsedMs === null ? "" : `, ${(elapsedMs / 1000).toFixed(1)} s`;
  const source = sourceSha256 === null ? "" : `, sha ${sourceSha256.slice(0, 12)}`;
  const who = `${prover}${level === "coqchk" ? " + coqchk" : ""}${seconds}${source}`;
  return certaintyOf(one) === "stale" ? t("{0}. The file has changed since.", who) : who;
}
