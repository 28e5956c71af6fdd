/**
 * Words and glyphs for what is known of a theorem. One place for hover, lens and inlay hint, so that they never disagree.
 * A filled glyph is only drawn for what Coq itself said of the present text.
 */
import { certaintyOf, isVacuous } from "../../protocol/certainty.ts";
import type {
  Assumption,
  Evidence,
  InvariantReport,
  Mark,
  ProofStatus,
  UnknownReason,
  Verdict,
} from "../../protocol/invariant-report.ts";

/** What a theorem and an invariant have in common. */
export interface Judged {
  readonly status: ProofStatus | null;
  readonly marks: readonly Mark[];
  readonly evidence: Evidence;
  readonly assumptions: readonly Assumption[];
}

const filled: Readonly<Record<ProofStatus, string>> = {
  Proven: "✔",
  ProvenStd: "✔",
  Conditional: "◑",
  Admitted: "▲",
  Broken: "✘",
};

export function glyphOf(one: Judged): string {
  const certainty = certaintyOf(one);
  if (certainty === "pending") return "◌";
  if (certainty === "stale") return "↺";
  if (certainty === "read" || one.status === null) return "○";
  return isVacuous(one.marks) ? "△" : filled[one.status];
}

/** "Proven modulo 2 standard axioms"; for the present text, whatever is known of it. */
export function statusText(one: Judged): string {
  const { status, assumptions, marks } = one;
  const certainty = certaintyOf(one);
  if (status === null) return certainty === "pending" ? "Coq is checking" : "Not checked by Coq";
  const words = `${statusWords(status, assumptions)}${isVacuous(marks) ? ", but says little" : ""}`;
  if (certainty === "pending") return `${words} by its text, Coq is checking`;
  if (certainty === "stale") return `${words}, before the last change`;
  return certainty === "read" ? `${words} by its text, not checked by Coq` : words;
}

function statusWords(status: ProofStatus, assumptions: readonly Assumption[]): string {
  if (status === "ProvenStd") return `Proven modulo ${count(assumptions.length, "standard axiom")}`;
  if (status !== "Conditional") return status;
  const own = assumptions.filter(({ kind }) => kind !== "standard");
  const parts = [
    countOf(own, "admitted", "admitted theorem"),
    countOf(own, "project-axiom", "axiom of this project"),
    countOf(own, "unsafe", "check switched off"),
  ].filter((part) => part !== "");
  return `Conditional on ${parts.join(" and ")}`;
}

function countOf(assumptions: readonly Assumption[], kind: Assumption["kind"], noun: string): string {
  const found = assumptions.filter((one) => one.kind === kind).length;
  return found === 0 ? "" : count(found, noun);
}

export function count(n: number, noun: string): string {
  if (n === 1) return `1 ${noun}`;
  const [first = "", ...rest] = noun.split(" of ");
  const plural = first === "check switched off" ? "checks switched off" : `${first}s`;
  return `${n} ${[plural, ...rest].join(" of ")}`;
}

export const unknownText: Readonly<Record<UnknownReason, string>> = {
  "no-prover": "no Coq was found",
  "switched-off": "checks are switched off",
  untrusted: "the folder is not trusted",
  timeout: "Coq took too long and was stopped",
  refused: "the file would act on the machine, so it was not run",
  crashed: "Coq failed",
  "no-answer": "Coq has no name for it",
  pending: "Coq is being asked",
  "not-asked": "Coq was not asked yet",
  "left-out": "the file is there, but was left out",
  unreadable: "the file is there, but cannot be read",
};

export const verdictText: Readonly<Record<Verdict, string>> = {
  matches: "as claimed",
  "over-claim": "claims more than Coq says",
  "under-claim": "better than claimed",
  broken: "what is cited is broken",
  open: "nothing is claimed yet",
  unknown: "not known",
};

/** `INV-8 ProvenStd`, with the glyph before it. */
export function shortText(one: InvariantReport): string {
  const { id, status } = one;
  return `${glyphOf(one)} ${id} ${status ?? (certaintyOf(one) === "pending" ? "checking" : "not checked")}`;
}

/** "2 min ago", without seconds beyond the first minute. */
export function agoText(elapsedMs: number): string {
  const seconds = Math.max(0, Math.round(elapsedMs / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}
