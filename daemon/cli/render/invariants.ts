/** Claim and truth side by side, then every reason with its place. */
import { codeDocs, isInvariantCode } from "../../invariants/codes.ts";
import type {
  FolderReport,
  InvariantReport,
  ProofFileReport,
  Reason,
  Severity,
  UnknownReason,
} from "../../protocol/invariant-report.ts";
import { type Column, renderTable } from "./table.ts";
import { type Line, type Style, styled } from "./text.ts";

export function invariantLines(report: FolderReport, leftOut: readonly string[], width: number): Line[] {
  const { assertionFiles, proofFiles, prover } = report;
  const invariants = assertionFiles.flatMap((file) => file.invariants);
  if (assertionFiles.length === 0 && proofFiles.length === 0) return [...nothing(report), ...leftOut.map(leftOutLine)];
  const isAsked = "name" in prover;
  const reasons = [
    ...assertionFiles.flatMap((file) => [...file.reasons, ...file.invariants.flatMap((one) => one.reasons)]),
    ...proofFiles.flatMap((file) => file.reasons),
    // Where nobody was asked the first line says so for all of them.
  ].filter(({ code }) => isAsked || code !== "unchecked");
  const common = isAsked ? null : prover.missing;
  return [
    head(report),
    [],
    ...(invariants.length === 0 ? [] : [...renderTable(columnsFor(common), invariants, width), []]),
    ...(proofFiles.length === 0 ? [] : [...renderTable(proofColumnsFor(common), proofFiles, width), []]),
    ...reasons.flatMap(reasonLines),
    ...leftOut.map(leftOutLine),
    summary(report),
  ];
}

function head({ prover, proofFiles }: FolderReport): Line {
  if ("name" in prover) {
    const deep = proofFiles.filter(({ evidence }) => evidence.level === "coqchk").length;
    const again = deep === 0 ? "" : `, and ${deep} of ${proofFiles.length} proof files again by coqchk`;
    return [styled("dim", `Checked by ${prover.name}${again}.`)];
  }
  if (prover.missing !== "switched-off") return [styled("yellow", "Not checked by Coq: "), prover.wayOut];
  return [styled("yellow", "Coq was not asked (--no-coq): "), "the text was read, and no text makes a claim true."];
}

function nothing({ folder }: FolderReport): Line[] {
  return [
    [`${folder} holds no assertion file and no proof: there is nothing to check.`],
    [styled("dim", "Name the folder above both; `igla init DIR` writes an example.")],
  ];
}

/** @param common why nobody was asked, which need not be said in each row; null: Coq was asked */
function columnsFor(common: UnknownReason | null): readonly Column<InvariantReport>[] {
  return [
    { title: "id", align: "left", cell: ({ id }) => id },
    { title: "claimed", align: "left", cell: ({ claimText }) => claimText || "-" },
    { title: "truth", align: "left", cell: (one) => styled(verdictStyles[one.verdict], truth(one, common)) },
    { title: "theorem", align: "left", cell: ({ theorem }) => theorem ?? "-" },
    { title: "file", align: "left", cell: ({ coqFile }) => coqFile ?? "-" },
  ];
}

function proofColumnsFor(common: UnknownReason | null): readonly Column<ProofFileReport>[] {
  const state: Column<ProofFileReport> = { title: "state", align: "left", cell: ({ compile }) => compile.kind };
  return [
    { title: "proof file", align: "left", cell: ({ path }) => path },
    ...(common === null ? [state] : []),
    { title: "theorems", align: "right", cell: ({ theorems }) => String(theorems.length) },
    { title: "admitted", align: "right", cell: ({ debt }) => String(debt.admitted) },
    { title: "axioms", align: "right", cell: ({ debt }) => String(debt.axioms) },
  ];
}

const verdictStyles: Readonly<Record<InvariantReport["verdict"], Style>> = {
  matches: "green",
  "over-claim": "red",
  broken: "red",
  "under-claim": "cyan",
  open: "dim",
  unknown: "yellow",
};

/** A filled mark only where Coq was asked; a reading of the text gets a hollow one. */
function truth(one: InvariantReport, common: UnknownReason | null): string {
  const { status, evidence, marks } = one;
  const notes = marks.flatMap((mark) =>
    mark.kind === "unknown"
      ? mark.reason === common
        ? []
        : [mark.reason]
      : mark.kind === "vacuous" && mark.reason !== "closed-computation"
        ? ["says little"]
        : [],
  );
  if (status === "Broken") notes.push(...whyBroken(one));
  const extra = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
  return `${evidence.level === "text" ? "○" : "●"} ${status ?? "not known"}${extra}`;
}

const brokenBecause: Readonly<Partial<Record<string, string>>> = {
  "cites-missing-file": "no such file",
  "planned-file": "no such file yet",
  "cites-missing-theorem": "no such theorem",
  "cites-definition": "not a theorem",
  "not-coq": "not Coq",
  "does-not-compile": "does not compile",
  "proof-left-open": "its proof is not ended",
  "deep-check-failed": "coqchk rejects it",
};

/** Broken is more than a proof that Coq rejects. */
function whyBroken({ reasons }: InvariantReport): string[] {
  return reasons.flatMap(({ code }) => brokenBecause[code] ?? []).slice(0, 1);
}

const severityStyles: Readonly<Record<Severity, Style>> = {
  error: "red",
  warning: "yellow",
  information: "cyan",
  hint: "dim",
};

function reasonLines({ code, severity, message, place, related }: Reason): Line[] {
  const { line, character } = place.range.start;
  const title = isInvariantCode(code) ? codeDocs[code].title : code;
  return [
    [
      styled(severityStyles[severity], severity),
      ` ${place.path}:${line + 1}:${character + 1} `,
      styled("dim", `[${code}] ${title}`),
    ],
    ...message.split("\n").map((text): Line => [`  ${text}`]),
    ...related.map(({ message: text, place: at }): Line => {
      const first = text.split("\n")[0] ?? "";
      return [styled("dim", `  ${at.path}:${at.range.start.line + 1}: ${first}`)];
    }),
  ];
}

function leftOutLine(what: string): Line {
  return [styled("yellow", "left out "), what];
}

function summary({ assertionFiles }: FolderReport): Line {
  const invariants = assertionFiles.flatMap((file) => file.invariants);
  const count = (...verdicts: InvariantReport["verdict"][]) =>
    invariants.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const over = count("over-claim", "broken");
  const faulty = assertionFiles.flatMap(({ reasons }) => reasons.filter(({ severity }) => severity === "error")).length;
  const parts = [
    `${count("matches")} as claimed`,
    `${over} claimed beyond what Coq says`,
    `${count("under-claim")} better than claimed`,
    `${count("open")} open`,
    `${count("unknown")} not known`,
    ...(faulty === 0 ? [] : [`errors in assertion files: ${faulty}`]),
  ];
  return [styled(over + faulty > 0 ? "red" : "green", parts.join(" · "))];
}
