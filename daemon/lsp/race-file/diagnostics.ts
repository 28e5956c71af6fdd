/** The errors of a race file as an editor shows them. */
import { type Diagnostic, DiagnosticSeverity, type Range } from "vscode-languageserver";
import type { ConfigError } from "../../config/config-error.ts";
import { parseRaceFile } from "../../config/parse.ts";
import { levers } from "../../levers/registry.ts";

/** Travels with a diagnostic to the code actions for it. */
export interface DiagnosticData {
  readonly path: string;
  readonly suggestion: string | null;
}

/** @param file name of the file, for the race's name */
export function diagnose(text: string, file: string): Diagnostic[] {
  const parsed = parseRaceFile(text, file, levers);
  return parsed.ok ? [] : parsed.errors.map(toDiagnostic);
}

export function toDiagnostic(error: ConfigError): Diagnostic {
  const { code, path, suggestion } = error;
  const data: DiagnosticData = { path, suggestion };
  return {
    range: rangeOf(error),
    severity: DiagnosticSeverity.Error,
    source: "igla",
    code,
    message: words(error),
    data,
  };
}

function words({ message, expected, suggestion }: ConfigError): string {
  const near = suggestion === null ? "" : ` Did you mean ${suggestion}?`;
  const belongs = expected === null || suggestion !== null ? "" : `\nExpected: ${expected}.`;
  return `${message}.${near}${belongs}`;
}

function rangeOf({ line, column, endLine, endColumn }: ConfigError): Range {
  return {
    start: { line: line - 1, character: column - 1 },
    end: { line: endLine - 1, character: endColumn - 1 },
  };
}
