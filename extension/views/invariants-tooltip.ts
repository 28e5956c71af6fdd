/** Tooltips of the invariants view as Markdown. Pure. */
import { certaintyOf, vacuityNotes } from "../../daemon/protocol/certainty.ts";
import type { Assumption, AssumptionKind, Evidence, InvariantReport } from "../../daemon/protocol/invariant-report.ts";
import type { Translate } from "../translate.ts";
import { statusLabel, verdictLabel } from "./invariants-model.ts";

const maxShown = 8;

export function claimTooltip(one: InvariantReport, t: Translate): string {
  const { id, claimText, status, verdict, theorem, statement, assumptions, reasons } = one;
  const claimed = claimText === "" ? t("no claim") : claimText;
  return [
    `**${plain(id)}** ${verdictLabel(verdict, t)}`,
    `${t("claimed")}: **${plain(claimed)}** · ${t("truth")}: **${statusLabel(status, t)}**`,
    ...reasons.slice(0, 3).map(({ message }) => plain(message)),
    plain(one.description),
    theorem === null ? "" : `\`${theorem.replaceAll("`", "'")}\``,
    statement === null ? "" : `\`\`\`coq\n${statement.replaceAll("```", "'''")}\n\`\`\``,
    ...groups(assumptions, t),
    ...vacuityNotes(one.marks).map((note) => `${plain(note)} (${t("heuristic")})`),
    `*${evidenceText(one, t)}*`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function groups(assumptions: readonly Assumption[], t: Translate): string[] {
  const title: Readonly<Record<AssumptionKind, string>> = {
    admitted: t("Admitted proofs"),
    "project-axiom": t("Axioms of this project"),
    unsafe: t("Checks that were switched off"),
    standard: t("Axioms of the standard library"),
  };
  return (["admitted", "project-axiom", "unsafe", "standard"] as const).flatMap((kind) => {
    const own = assumptions.filter((one) => one.kind === kind);
    if (own.length === 0) return [];
    const names = own.slice(0, maxShown).map(({ name }) => `\`${name.replaceAll("`", "'")}\``);
    return [`${title[kind]}: ${names.join(", ")}${own.length > maxShown ? " ..." : ""}`];
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

/** Text of a file: nothing of it may become a link, a picture or a command. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]()#+\-.!<>|~$]/g, (char) => `\\${char}`);
}
