/** What invariants say about a race file while it is written: runtime checks at the key that breaks them, numbers without a source. */
import { type Diagnostic, DiagnosticSeverity, type Range } from "vscode-languageserver";
import { guardedRace } from "../../config/guarded-race.ts";
import { keySpan } from "../../config/key-span.ts";
import { parseRaceFile } from "../../config/parse.ts";
import { codeDocs, type InvariantCode } from "../../invariants/codes.ts";
import { guardPath } from "../../invariants/guard-path.ts";
import { baseName, folderOf } from "../../invariants/paths.ts";
import { checkGuards } from "../../invariants/preflight/preflight.ts";
import { withStatuses } from "../../invariants/preflight/statuses.ts";
import { levers } from "../../levers/registry.ts";
import { describeGuard, type GuardFinding, isViolated } from "../../protocol/guards.ts";
import { readCites } from "./cites.ts";
import { severities, uriOf } from "./diagnostics.ts";
import { citedBy } from "./navigation.ts";
import type { ProofFolder } from "./proof-folder.ts";

export function raceDiagnostics(folder: ProofFolder, path: string, text: string): Diagnostic[] {
  return [...violations(folder, path, text), ...sources(folder, text)];
}

function violations(folder: ProofFolder, path: string, text: string): Diagnostic[] {
  const parsed = parseRaceFile(text, baseName(path), levers);
  if (!parsed.ok) return [];
  const source = guardOf(folder, path, parsed.config.invariants.file);
  if (source === null) return [];
  const found = checkGuards({ entries: source.entries, race: guardedRace(parsed.config) });
  const invariants = folder.assertionFile(source.path)?.invariants ?? [];
  return withStatuses(found, invariants)
    .filter(isViolated)
    .map((finding) => violation(folder, text, finding));
}

/** The file that would guard the race: beside it first, then in the folder. */
function guardOf(folder: ProofFolder, path: string, named: string | null) {
  const wanted = guardPath(named);
  const beside = folderOf(path) === "" ? wanted : `${folderOf(path)}/${wanted}`;
  return folder.texts.source(beside) ?? folder.texts.source(wanted);
}

function violation(folder: ProofFolder, text: string, finding: GuardFinding): Diagnostic {
  const { action, key, varies, place, theorem } = finding;
  const span = key === null ? null : keySpan(text, key, varies);
  const range: Range =
    span === null
      ? { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } }
      : {
          start: { line: span.line - 1, character: span.column - 1 },
          end: { line: span.endLine - 1, character: span.endColumn - 1 },
        };
  const effect =
    action === "abort"
      ? "The race will not start."
      : action === "hard_penalty"
        ? "The race will rank behind all races without a penalty."
        : "The race starts all the same.";
  const entry = { uri: uriOf(folder.folder, place.path), range: place.range };
  const proven = theorem === null ? null : citedBy(folder, theorem.name);
  const proof = proven?.kind === "theorem" ? proven.theorem.place : null;
  return {
    range,
    severity: action === "abort" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    source: "igla",
    code: "guard-violated",
    message: `${describeGuard(finding)} ${effect}`,
    relatedInformation: [
      { message: `${finding.id} is declared here`, location: entry },
      ...(proof === null
        ? []
        : [
            {
              message: `the theorem behind it: ${theorem?.status ?? "not known"}`,
              location: { uri: uriOf(folder.folder, proof.path), range: proof.range },
            },
          ]),
    ],
  };
}

/** Only where claims are kept at all: elsewhere nobody asks numbers for their source. */
function sources(folder: ProofFolder, text: string): Diagnostic[] {
  if (folder.texts.sources().length === 0) return [];
  const { uncited, cites } = readCites(text);
  const diagnostic = (range: Range, code: InvariantCode, message: string): Diagnostic => ({
    range,
    severity: severities[codeDocs[code].severity],
    source: "igla",
    code,
    message,
  });
  return [
    ...uncited.map((range) =>
      diagnostic(
        range,
        "uncited-number",
        "No source is given. A comment `# cites: INV-8` names an invariant, a theorem or a paper.",
      ),
    ),
    ...cites
      .filter(({ name }) => /^inv[-_ ]?\d+$/i.test(name) && citedBy(folder, name) === null)
      .map(({ name, range }) => diagnostic(range, "unknown-citation", `No assertion file of this folder has ${name}.`)),
  ];
}
