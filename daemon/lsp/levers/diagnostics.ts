/** A lever that is on although its claim did not hold here, and ledgers that say nothing. */
import { dirname, relative } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  type Range,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { LeverVerdictKind } from "../../protocol/experiments.ts";
import type { LeverLedger } from "./ledger-file.ts";
import type { ShownVerdict, Standing } from "./standing.ts";
import { claimText, outcomeText, shortened, stepsText } from "./words.ts";

const codes: Readonly<Partial<Record<LeverVerdictKind, string>>> = {
  refuted: "lever.refuted",
  "dead-lever": "lever.dead",
  invalid: "lever.invalid",
};

/** Travels with a diagnostic to the code actions for it. */
export interface LeverData {
  readonly lever: string;
}

export function leverDiagnostics(
  document: TextDocument,
  found: readonly Standing[],
  ledgers: readonly LeverLedger[],
): Diagnostic[] {
  return [...found.flatMap((standing) => ofLever(document, standing)), ...ofLedgers(document, found, ledgers)];
}

function ofLever(document: TextDocument, { lever, places, isOn, verdict }: Standing): Diagnostic[] {
  const place = places.find(({ role }) => role === "on");
  if (!isOn || place === undefined || verdict === null || verdict.fit !== "present" || verdict.fault !== null)
    return [];
  const code = codes[verdict.row.outcome.verdict];
  if (code === undefined) return [];
  const data: LeverData = { lever: lever.id };
  return [
    {
      range: rangeOf(document, place),
      severity: DiagnosticSeverity.Warning,
      source: "igla",
      code,
      message: `${lever.id} is on, and the verdict here is ${outcomeText(lever, verdict.row.outcome)}${stepsText(verdict)} (${claimText(lever)}).`,
      relatedInformation: [ledgerLine(verdict)],
      data,
    },
  ];
}

function ledgerLine({ ledger, line, row }: ShownVerdict): DiagnosticRelatedInformation {
  return at(ledger, line, `the verdict: ${shortened(row.outcome.reasons[0] ?? row.outcome.verdict)}`);
}

/** At the first lever: what is wrong concerns all of them. */
function ofLedgers(document: TextDocument, found: readonly Standing[], ledgers: readonly LeverLedger[]): Diagnostic[] {
  const place = found[0]?.places[0];
  if (place === undefined) return [];
  return ledgers.flatMap((ledger): Diagnostic[] => {
    const told = faultOf(ledger);
    if (told === null) return [];
    const name = relative(dirname(dirname(ledger.path)), ledger.path).replaceAll("\\", "/");
    return [
      {
        range: rangeOf(document, place),
        severity: DiagnosticSeverity.Information,
        source: "igla",
        code: "lever.unverified",
        message: `No verdict of ${name} counts: ${told.why}`,
        relatedInformation: [at(ledger.path, told.line, told.why)],
      },
    ];
  });
}

function faultOf(ledger: LeverLedger): { readonly line: number; readonly why: string } | null {
  if (ledger.kind === "unread") return { line: 1, why: `it ${ledger.why}.` };
  if (ledger.kind !== "read" || ledger.fault === null) return null;
  const { line, message } = ledger.fault;
  return { line, why: `line ${line}: ${message} \`igla ledger verify\` names all that is wrong.` };
}

function at(path: string, line: number, message: string): DiagnosticRelatedInformation {
  const start = { line: line - 1, character: 0 };
  return { message, location: { uri: pathToFileURL(path).href, range: { start, end: start } } };
}

export function rangeOf(document: TextDocument, { from, to }: { readonly from: number; readonly to: number }): Range {
  return { start: document.positionAt(from), end: document.positionAt(to) };
}
