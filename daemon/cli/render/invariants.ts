/** Claim and truth side by side, then every reason with its place. */
import { codeDocs, isInvariantCode } from "../../invariants/codes.ts";
import type {
  FolderReport,
  InvariantReport,
  ProofFileReport,
  Reason,
  Severity,
} from "../../protocol/invariant-report.ts";
import { renderTable } from "./table.ts";
import { type Line, type Style, styled } from "./text.ts";

export function invariantLines(report: FolderReport, leftOut: readonly string[], width: number): Line[] {
  const { assertionFiles, proofFiles, prover } = report;
  const invariants = assertionFiles.flatMap((file) => file.invariants);
  const reasons = [
    ...assertionFiles.flatMap((file) => [...file.reasons, ...file.invariants.flatMap((one) => one.reasons)]),
    ...proofFiles.flatMap((file) => file.reasons),
  ];
  const head: Line[] =
    "name" in prover
      ? [[styled("dim", `Checked by ${prover.name}.`)]]
      : [[styled("yellow", "Not checked by Coq: "), prover.wayOut]];
  if (assertionFiles.length === 0 && proofFiles.length === 0) {
    return [...head, ["No assertion file and no proof in this folder."], ...leftOut.map(leftOutLine)];
  }
  return [
    ...head,
    [],
    ...(invariants.length === 0 ? [] : [...renderTable(columns, invariants, width), []]),
    ...(proofFiles.length === 0 ? [] : [...renderTable(proofColumns, proofFiles, width), []]),
    ...reasons.flatMap(reasonLines),
    ...leftOut.map(leftOutLine),
    summary(report),
  ];
}

const columns = [
  { title: "id", align: "left", cell: ({ id }: InvariantReport) => id },
  { title: "claimed", align: "left", cell: ({ claimText }: InvariantReport) => claimText || "-" },
  { title: "truth", align: "left", cell: (one: InvariantReport) => styled(verdictStyles[one.verdict], truth(one)) },
  { title: "theorem", align: "left", cell: ({ theorem }: InvariantReport) => theorem ?? "-" },
  { title: "file", align: "left", cell: ({ coqFile }: InvariantReport) => coqFile ?? "-" },
] as const;

const proofColumns = [
  { title: "proof file", align: "left", cell: ({ path }: ProofFileReport) => path },
  { title: "state", align: "left", cell: ({ compile }: ProofFileReport) => compile.kind },
  { title: "theorems", align: "right", cell: ({ theorems }: ProofFileReport) => String(theorems.length) },
  { title: "admitted", align: "right", cell: ({ debt }: ProofFileReport) => String(debt.admitted) },
  { title: "axioms", align: "right", cell: ({ debt }: ProofFileReport) => String(debt.axioms) },
] as const;

const verdictStyles: Readonly<Record<InvariantReport["verdict"], Style>> = {
  matches: "green",
  "over-claim": "red",
  broken: "red",
  "under-claim": "cyan",
  open: "dim",
  unknown: "yellow",
};

/** A filled mark only where Coq was asked; a reading of the text gets a hollow one. */
function truth({ status, evidence, marks }: InvariantReport): string {
  const notes = marks.flatMap((mark) =>
    mark.kind === "unknown"
      ? [mark.reason]
      : mark.kind === "vacuous" && mark.reason !== "closed-computation"
        ? ["says little"]
        : [],
  );
  const extra = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
  return `${evidence.level === "text" ? "○" : "●"} ${status ?? "not known"}${extra}`;
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
