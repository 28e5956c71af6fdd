/** What is to be said about one invariant: its claim against what Coq says of its theorem. */
import { isVacuous, meansProven, vacuityNotes } from "../../protocol/certainty.ts";
import type { Fix, InvariantReport, Place, ProofStatus, Reason } from "../../protocol/invariant-report.ts";
import { verdictOf } from "../claims.ts";
import { type Cited, type Folder, plainName } from "../folder.ts";
import type { AssertionEntry } from "../model.ts";
import { statementOf } from "../statement.ts";
import { isTheorem, type StatusResult, textEvidence } from "../status.ts";
import { claimFixes } from "./claim-fixes.ts";
import { countReasons, listReasons } from "./list-rules.ts";
import { reason } from "./reason.ts";

type Judged = StatusResult & {
  readonly broken: "file" | "theorem" | "definition" | "foreign" | "compile" | "unread" | null;
};

export function judgeEntry(entry: AssertionEntry, assertionPath: string, folder: Folder): InvariantReport {
  const cited = folder.cited(entry, assertionPath);
  const judged = judge(cited, folder);
  const verdict = verdictOf(entry.claim, judged.status, judged.marks);
  const theoremPlace = placeOf(cited);
  const claimPlace = entry.claimed?.place ?? null;
  return {
    id: entry.id.value,
    name: entry.name,
    description: entry.description,
    claim: entry.claim,
    claimText: entry.claimed?.value ?? "",
    verdict,
    status: judged.status,
    marks: judged.marks,
    evidence: judged.evidence,
    assumptions: judged.assumptions,
    theorem: entry.theorem?.value ?? null,
    coqFile: entry.coqFile?.value ?? null,
    proofPath: cited.path,
    statement: cited.scan === null || cited.declaration === null ? null : statementOf(cited.scan, cited.declaration),
    place: entry.place,
    idPlace: entry.id.place,
    claimPlace,
    theoremPlace,
    runtimeCheck: entry.runtimeCheck,
    reasons: [
      ...claimReasons(entry, cited, judged, folder),
      ...listReasons(entry, cited, judged, folder),
      ...countReasons(entry, cited),
    ],
  };
}

function placeOf({ path, declaration }: Cited): Place | null {
  return path === null || declaration === null ? null : { path, range: declaration.range };
}

function judge(cited: Cited, folder: Folder): Judged {
  const { file, scan, declaration, name } = cited;
  const broken = (kind: Judged["broken"]): Judged => ({
    status: "Broken",
    marks: [],
    assumptions: [],
    evidence: textEvidence(cited.path === null ? undefined : folder.input.sources.get(cited.path)),
    qualifiedName: null,
    broken: kind,
  });
  if (file === "missing") return broken("file");
  if (cited.unread !== null) {
    // Nobody has looked into it: neither good nor bad can be said of the claim.
    const marks = [{ kind: "unknown", reason: cited.unread.kind }] as const;
    return { ...broken("unread"), status: null, marks };
  }
  if (file === "foreign") return broken("foreign");
  if (scan === null || name === null) return broken("theorem");
  if (declaration === null) return broken("theorem");
  if (!isTheorem(declaration)) return broken("definition");
  const result = folder.status(scan, declaration);
  return { ...result, broken: result.status === "Broken" ? "compile" : null };
}

function claimReasons(entry: AssertionEntry, cited: Cited, judged: Judged, folder: Folder): Reason[] {
  const verdict = verdictOf(entry.claim, judged.status, judged.marks);
  const at = entry.claimed?.place ?? entry.theorem?.place ?? entry.place;
  const theorem = placeOf(cited);
  const related = theorem === null ? [] : [{ message: relatedText(cited, judged), place: theorem }];
  const fixes = claimFixes(entry, judged);
  const unknownWord =
    entry.claim === "other"
      ? [reason("unknown-status", `"${entry.claimed?.value}" is not a known status; it is taken for unfinished.`, at)]
      : [];
  if (verdict === "broken") return [brokenReason(entry, cited, judged, folder, related, fixes)];
  const message = `${entry.id.value} claims ${entry.claimed?.value}, but ${truth(cited, judged)}.`;
  if (verdict === "over-claim") {
    const evidence = judged.assumptions
      .filter(({ kind, place }) => kind !== "standard" && place !== null)
      .map(({ name, place }) => ({ message: `assumed here: ${name}`, place: place as Place }));
    return [reason("over-claim", message, at, { related: [...related, ...evidence], fixes })];
  }
  if (verdict === "under-claim") return [reason("under-claim", message, at, { related, fixes })];
  if (cited.unread !== null) return [...unknownWord, unreadReason(entry, cited.path, cited.unread.why)];
  if (verdict === "open") return [...unknownWord, ...openReasons(entry, cited, judged, related, fixes)];
  if (verdict === "unknown" && !judged.marks.some((mark) => mark.kind === "unknown" && mark.reason === "pending")) {
    return [reason("unchecked", `${entry.id.value}: ${cited.name} was not checked by Coq.`, at, { related })];
  }
  return isVacuous(judged.marks) ? [vacuityReason(entry, judged, at, related)] : [];
}

function unreadReason(
  { id, claim, claimed, coqFile, place }: AssertionEntry,
  path: string | null,
  why: string,
): Reason {
  const at = coqFile?.place ?? claimed?.place ?? place;
  const isOpen = claim !== "Proven" && claim !== "Admitted";
  const message = `${id.value} cites ${path}, which ${why}. Nothing is known of its theorem.`;
  return reason("proof-not-read", message, at, isOpen ? { severity: "hint" } : {});
}

function openReasons(
  entry: AssertionEntry,
  cited: Cited,
  judged: Judged,
  related: Reason["related"],
  fixes: readonly Fix[],
): Reason[] {
  if (judged.broken === "file") {
    const message = `${cited.path ?? entry.coqFile?.value} does not exist yet.`;
    return [reason("planned-file", message, entry.coqFile?.place ?? entry.place)];
  }
  if (!meansProven(judged.status, judged.marks)) return [];
  const at = entry.claimed?.place ?? entry.id.place;
  return [
    reason("proven-in-fact", `${entry.id.value} claims nothing, but ${truth(cited, judged)}.`, at, { related, fixes }),
  ];
}

function vacuityReason(entry: AssertionEntry, { marks }: Judged, at: Place, related: Reason["related"]): Reason {
  return reason("vacuous", `${entry.id.value}: ${vacuityNotes(marks).join("; ")} (heuristic).`, at, { related });
}

function brokenReason(
  entry: AssertionEntry,
  cited: Cited,
  judged: Judged,
  folder: Folder,
  related: Reason["related"],
  fixes: readonly Fix[],
): Reason {
  const claims = `${entry.id.value} claims ${entry.claimed?.value}, but`;
  const at = entry.claimed?.place ?? entry.place;
  const file = cited.path ?? entry.coqFile?.value ?? "";
  if (judged.broken === "file") return reason("cites-missing-file", `${claims} ${file} does not exist.`, at, { fixes });
  if (judged.broken === "foreign") return reason("not-coq", `${claims} ${file} is not Coq.`, at, { fixes });
  if (judged.broken === "theorem") {
    const what =
      cited.name === null
        ? "it names no theorem"
        : `${file || "no file"} declares no ${missingName(entry, cited, folder)}`;
    return reason("cites-missing-theorem", `${claims} ${what}.`, at, { fixes });
  }
  if (judged.broken === "definition") {
    const what = `${cited.name} is a ${cited.declaration?.keyword}, not a theorem`;
    return reason("cites-definition", `${claims} ${what}.`, at, { related, fixes });
  }
  if (isByText(judged)) {
    return reason("proof-left-open", `${claims} the proof of ${cited.name} is never ended.`, at, { related, fixes });
  }
  const facts = cited.path === null ? undefined : folder.input.facts.get(cited.path);
  if (facts?.deepCheck?.verdict === "rejected") {
    return reason("deep-check-failed", `${claims} coqchk rejects what coqc made of ${file}.`, at, { related, fixes });
  }
  const outcome = facts?.outcome;
  const place = outcome?.kind === "failed" ? outcome.place : null;
  const error = place === null || outcome?.kind !== "failed" ? [] : [{ message: gist(outcome.message), place }];
  const what = outcome?.kind === "dependency" ? `${outcome.path}, which ${file} needs,` : file;
  return reason("does-not-compile", `${claims} ${what} does not compile.`, at, {
    related: [...error, ...related],
    fixes,
  });
}

/** Of several names the first that the file does not declare, as it is written; a name with its module says why. */
function missingName({ theorem }: AssertionEntry, { scan }: Cited, folder: Folder): string {
  const names = folder.listed(theorem?.value ?? "");
  const isDeclared = (name: string) => scan?.declarations.some((one) => one.name === plainName(name)) === true;
  return names.find((name) => !isDeclared(name)) ?? names[0] ?? "";
}

/** The text alone says so: Coq was not asked, or said what it said of another text. */
function isByText({ evidence, marks }: Judged): boolean {
  return evidence.level === "text" || marks.some(({ kind }) => kind === "stale");
}

/** What Coq complains about, without the names and hypotheses that it lists before. */
function gist(message: string): string {
  const lines = message.split("\n");
  if (lines[0]?.trim() !== "In environment") return message;
  const rest = lines.slice(1);
  const first = rest.findIndex((line) => !/^[\p{L}\p{N}_', ]+ :/u.test(line) && !/^\s/.test(line));
  return first < 0 ? message : rest.slice(first).join("\n");
}

const statusWords: Readonly<Record<ProofStatus, string>> = {
  Broken: "is broken",
  Admitted: "is admitted",
  Conditional: "rests on what is not proven",
  ProvenStd: "is proven from axioms of the standard library",
  Proven: "is proven",
};

function truth({ name }: Cited, { status, assumptions, marks, evidence }: Judged): string {
  const judge = evidence.level === "text" ? "its text says that" : "Coq says that";
  if (isVacuous(marks) && (status === "Proven" || status === "ProvenStd")) {
    return `${name} says little: ${vacuityNotes(marks).join("; ")} (heuristic)`;
  }
  const own = assumptions.filter(({ kind }) => kind !== "standard").map(({ name: each, kind }) => `${each} (${kind})`);
  const list = status === "Conditional" && own.length > 0 ? `: ${shorten(own)}` : "";
  return `${judge} ${name} ${status === null ? "is not known" : statusWords[status]}${list}`;
}

function shorten(names: readonly string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

function relatedText({ name }: Cited, { status, evidence }: Judged): string {
  const level = evidence.level === "text" ? "read, not checked" : (evidence.prover ?? evidence.level);
  return `${name}: ${status ?? "not known"} (${level})`;
}
