/** What is shown under the pointer: status, claim against truth, statement, assumptions, doubts, evidence, what to do. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { certaintyOf, vacuityNotes } from "../../protocol/certainty.ts";
import type {
  Assumption,
  AssumptionKind,
  Evidence,
  InvariantReport,
  Place,
  TheoremReport,
} from "../../protocol/invariant-report.ts";
import { codeName, coqBlock, escapeMarkdown } from "../../protocol/markdown.ts";
import { linkable, paragraphs } from "../markdown-text.ts";
import { agoText, count, glyphOf, type Judged, statusText, unknownText, verdictText } from "./describe.ts";

export interface HoverContext {
  /** Absolute folder of the report. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether a check would be run. */
  readonly mayAsk: boolean;
  /** What to do when Coq cannot be asked; null: it can. */
  readonly wayOut: string | null;
}

export function invariantHover(one: InvariantReport, context: HoverContext): string {
  const { id, name, claimText, verdict, theorem, statement, reasons, description } = one;
  const truth = one.status === null ? "**not known**" : `**${one.status}**: ${verdictText[verdict]}`;
  const claimed = claimText === "" ? "claims nothing" : `claims **${escapeMarkdown(claimText)}**`;
  const worst = reasons.filter(({ severity }) => severity === "error" || severity === "warning");
  return paragraphs(
    `${glyphOf(one)} **${statusText(one)}**${theorem === null ? "" : ` · ${codeName(theorem)}`}`,
    `${escapeMarkdown(id)}${name === "" ? "" : ` (${escapeMarkdown(name)})`} ${claimed}; the truth is ${truth}.`,
    ...worst.map(({ message }) => `⚠ ${escapeMarkdown(message)}`),
    description === "" ? "" : `> ${escapeMarkdown(description)}`,
    statementBlock(statement),
    ...knowledge(one, context),
    links(one.theoremPlace, theorem, one, context),
  );
}

export function theoremHover(one: TheoremReport, context: HoverContext): string {
  const { name, keyword, statement, usedBy } = one;
  return paragraphs(
    `${glyphOf(one)} **${statusText(one)}** · ${keyword} ${codeName(name)}`,
    usedBy.length === 0 ? "" : `Stands behind ${usedBy.map(escapeMarkdown).join(", ")}.`,
    statementBlock(statement),
    ...knowledge(one, context),
    links(one.place, name, one, context),
  );
}

function knowledge(one: Judged, context: HoverContext): string[] {
  const doubts = vacuityNotes(one.marks).map((note) => `⚠ ${escapeMarkdown(note)} (heuristic).`);
  const unknown = one.marks.flatMap((mark) =>
    mark.kind === "unknown" && mark.reason !== "pending" ? [unknownText[mark.reason]] : [],
  );
  return [
    ...assumptionLists(one.assumptions, context.folder),
    ...doubts,
    ...unknown.map((reason) => `Not checked by Coq: ${reason}.${context.wayOut === null ? "" : ` ${context.wayOut}`}`),
    evidenceLine(one, context.now),
  ];
}

function statementBlock(statement: string | null): string {
  return statement === null || statement === "" ? "" : coqBlock(statement);
}

const groups: readonly (readonly [AssumptionKind, string])[] = [
  ["admitted", "Rests on admitted proofs"],
  ["project-axiom", "Rests on axioms of this project"],
  ["unsafe", "Rests on checks that were switched off"],
  ["standard", "Axioms of the standard library"],
];
const maxShown = 12;

function assumptionLists(assumptions: readonly Assumption[], folder: string): string[] {
  return groups.flatMap(([kind, title]) => {
    const own = assumptions.filter((one) => one.kind === kind);
    if (own.length === 0) return [];
    const items = own.slice(0, maxShown).map(({ name, place }) => `- ${placeLink(name, place, folder)}`);
    const more = own.length > maxShown ? [`- and ${own.length - maxShown} more`] : [];
    return [[`${title}:`, "", ...items, ...more].join("\n")];
  });
}

function placeLink(name: string, place: Place | null, folder: string): string {
  if (place === null) return codeName(name);
  const line = place.range.start.line + 1;
  return `[${codeName(name)}](${linkable(pathToFileURL(join(folder, place.path)).href)}#L${line}) ${escapeMarkdown(place.path)}:${line}`;
}

function evidenceLine(one: Judged, now: number): string {
  const { level, prover, sourceSha256, elapsedMs, checkedAt }: Evidence = one.evidence;
  const source = sourceSha256 === null ? "" : `, source sha ${sourceSha256.slice(0, 12)}`;
  if (level === "text" || prover === null) return `*Read in the text${source}.*`;
  const deep = level === "coqchk" ? " and coqchk" : "";
  const took = elapsedMs === null ? "" : `, ${(elapsedMs / 1000).toFixed(1)} s`;
  const when = checkedAt === null ? "" : `, ${agoText(now - checkedAt)}`;
  const old = certaintyOf(one) === "stale" ? " The file has changed since." : "";
  return `*${prover}${deep}${took}${source}${when}.${old}*`;
}

function links(place: Place | null, name: string | null, one: Judged, { folder, mayAsk }: HoverContext): string {
  if (place === null) return "";
  const path = join(folder, place.path);
  const command = (id: string, args: unknown) =>
    `command:${id}?${linkable(encodeURIComponent(JSON.stringify([args])))}`;
  const open = `[Open the proof](${linkable(pathToFileURL(path).href)}#L${place.range.start.line + 1})`;
  const again = `[Check again](${command("igla.checkProofs", { path })})`;
  const what =
    one.assumptions.length === 0 ? "Show what Coq said" : `Show ${count(one.assumptions.length, "assumption")}`;
  const shown = `[${what}](${command("igla.showAssumptions", { path, name })})`;
  const deep = `[Deep check](${command("igla.deepCheckProofs", { path })})`;
  const known = one.evidence.level === "text" ? [] : [shown];
  return [open, ...(mayAsk ? [again, ...known, deep] : known)].join(" · ");
}
