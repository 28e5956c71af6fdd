/** What stands beside the text without being asked for: lenses over theorems, hints beside claims and cited numbers. */
import { join } from "node:path";
import { type CodeLens, type InlayHint, InlayHintKind, MarkupKind, type Range } from "vscode-languageserver";
import type { InvariantReport, TheoremReport } from "../../protocol/invariant-report.ts";
import { readCites } from "./cites.ts";
import { glyphOf, shortText, statusText, verdictText } from "./describe.ts";
import { type HoverContext, invariantHover } from "./hover.ts";
import { citedBy } from "./navigation.ts";
import type { ProofFolder } from "./proof-folder.ts";

export function proofLenses(folder: ProofFolder, path: string): CodeLens[] {
  const file = folder.proofFile(path);
  return (file?.theorems ?? []).map((theorem) => ({
    range: theorem.place.range,
    command: {
      title: lensTitle(theorem),
      command: "igla.showAssumptions",
      arguments: [{ path: join(folder.folder, path), name: theorem.name, line: theorem.place.range.start.line }],
    },
  }));
}

function lensTitle(theorem: TheoremReport): string {
  const { usedBy } = theorem;
  return `${glyphOf(theorem)} ${statusText(theorem)}${usedBy.length === 0 ? "" : ` · used by ${usedBy.join(", ")}`}`;
}

/** The truth beside each claim of an assertion file. */
export function claimHints(folder: ProofFolder, path: string, range: Range): InlayHint[] {
  const file = folder.assertionFile(path);
  return (file?.invariants ?? []).flatMap((invariant): InlayHint[] => {
    const end = invariant.claimPlace?.range.end;
    if (end === undefined || end.line < range.start.line || end.line > range.end.line) return [];
    const label = `${glyphOf(invariant)} ${invariant.status ?? statusText(invariant)}`;
    const tooltip = `${invariant.id}: ${verdictText[invariant.verdict]}`;
    return [{ position: end, label, tooltip, paddingLeft: true }];
  });
}

/** `0.004  ✔ INV-8 ProvenStd` beside each number that cites an invariant or a theorem. */
export function citeHints(folder: ProofFolder, text: string, range: Range, context: HoverContext): InlayHint[] {
  return readCites(text).cites.flatMap(({ name, value }): InlayHint[] => {
    if (value === null || value.end.line < range.start.line || value.end.line > range.end.line) return [];
    const subject = citedBy(folder, name);
    if (subject?.kind !== "invariant" && subject?.kind !== "theorem") return [];
    const label =
      subject.kind === "invariant"
        ? shortText(subject.invariant)
        : `${glyphOf(subject.theorem)} ${subject.theorem.name} ${subject.theorem.status ?? "not checked"}`;
    const tooltip = subject.kind === "invariant" ? tooltipOf(subject.invariant, context) : null;
    return [
      {
        position: value.end,
        label,
        kind: InlayHintKind.Parameter,
        paddingLeft: true,
        ...(tooltip === null ? {} : { tooltip }),
      },
    ];
  });
}

function tooltipOf(invariant: InvariantReport, context: HoverContext) {
  return { kind: MarkupKind.Markdown, value: invariantHover(invariant, context) };
}
