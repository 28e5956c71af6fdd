/** Every diagnostic about claims and proofs: its stable code, how grave it is, and a paragraph for the reader. */
import type { Severity } from "../protocol/invariant-report.ts";

export interface CodeDoc {
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
}

const doc = (severity: Severity, title: string, text: string): CodeDoc => ({ severity, title, text });

export const codeDocs = {
  "over-claim": doc(
    "error",
    "The file claims more than Coq confirms",
    "The entry says Proven, but the theorem is admitted, rests on an axiom of the project or on a check that was switched off, or says nothing. Set the claim to what Coq says, or finish the proof.",
  ),
  "under-claim": doc(
    "information",
    "The theorem is proven, the file says less",
    "The entry says Admitted, and Coq accepts the proof without an assumption of the project. Nothing is wrong; the claim can be raised.",
  ),
  "proven-in-fact": doc(
    "information",
    "Marked as unfinished, but proven",
    "The entry claims nothing yet (wip, partial, TODO, or no status), and Coq accepts the theorem. The claim can be set to Proven.",
  ),
  "cites-missing-file": doc(
    "error",
    "The proof file does not exist",
    "The entry claims a status for a theorem in a file that is not there. A claim about a proof that nobody can read is worth nothing: write the file, correct the path, or set the status to wip.",
  ),
  "proof-not-read": doc(
    "warning",
    "The proof file is there, but was not read",
    "Igla follows no links, leaves out folders of tools (such as node_modules, dist and .git) and very large files, and cannot read what the system forbids. Whether the claim holds is not known. Put the proof where it is read, or cite another file.",
  ),
  "planned-file": doc(
    "hint",
    "The proof file is still to be written",
    "The entry is marked as unfinished, and its file does not exist yet. This is only a reminder.",
  ),
  "cites-missing-theorem": doc(
    "error",
    "No theorem of that name",
    "The file exists, and no theorem of the cited name is declared in it. Names in comments and aborted proofs do not count.",
  ),
  "cites-definition": doc(
    "error",
    "What is cited is not a theorem",
    "A definition, an inductive type or a fixpoint proves nothing by itself. Cite the theorem that states the property.",
  ),
  "does-not-compile": doc(
    "error",
    "The proof file does not compile",
    "Coq rejects the file, or one that it needs, so none of its theorems is proven, not even those before the error.",
  ),
  "deep-check-failed": doc(
    "error",
    "coqchk rejects the proof",
    "coqc compiled the file, and coqchk, which reads the result again with a small kernel of its own, does not accept it. Nothing in it counts as proven. The proof uses a fault of the prover, or coqchk has one: read what it says.",
  ),
  "not-coq": doc(
    "error",
    "The cited file is not Coq",
    "Files ending in .v may also be Verilog. This one does not read as Coq.",
  ),
  vacuous: doc(
    "warning",
    "The statement says little",
    "A heuristic run inside Coq found that the statement is trivially true, repeats a hypothesis or restates an axiom. The proof is valid, but it does not show what the entry describes. Read the statement.",
  ),
  "admitted-name-unknown": doc(
    "warning",
    "An admitted name exists nowhere",
    "The entry lists a theorem as admitted that no proof file declares. Lists that go stale hide what is really admitted.",
  ),
  "admitted-not-listed": doc(
    "information",
    "An admitted theorem is not listed",
    "The theorem rests on an admitted proof that the entry's admitted_theorems does not name.",
  ),
  "budget-exceeded": doc(
    "warning",
    "More is assumed than the budget says",
    "The proof files that this file cites hold more admitted proofs and axioms than admitted_budget allows or admits to. Axiom, Parameter, Conjecture, Hypothesis outside of a section and Declare Instance count like Admitted.",
  ),
  "count-disagrees": doc(
    "warning",
    "A count in the file is wrong",
    "A number of proven or admitted theorems disagrees with the proof file. Counts kept by hand go stale; correct it or remove it.",
  ),
  "duplicate-id": doc(
    "error",
    "An id is used twice",
    "Two entries have the same id, so a citation of it is ambiguous. Give one of them another id.",
  ),
  "shared-theorem": doc(
    "warning",
    "Two invariants cite one theorem",
    "The same theorem stands behind two entries. One of them probably cites the wrong name.",
  ),
  "theorem-of-other": doc(
    "warning",
    "The theorem belongs to another invariant",
    "The cited theorem carries the id of another invariant in its name.",
  ),
  "same-basename": doc(
    "warning",
    "Two files of one name differ",
    "Two proof files have the same name in different folders and different content. Coq's load path and readers confuse them; everything here is keyed by the whole path.",
  ),
  "path-outside": doc(
    "error",
    "The path leaves the folder",
    "Only files of this folder are read. Write a relative path without leading `..`.",
  ),
  "path-unreadable": doc(
    "warning",
    "No path in this text",
    "The entry's file is prose. Write the path of the .v file.",
  ),
  "path-with-prose": doc(
    "hint",
    "Prose beside the path",
    "The path was read out of the text around it. Tools that are less patient will not find the file.",
  ),
  "json-syntax": doc(
    "error",
    "The JSON is broken",
    "What stands before and after the error is read as far as possible.",
  ),
  "no-invariants": doc(
    "error",
    "What should be an invariant cannot be read",
    "The file's name says that it holds invariants, and none can be read in it, or something beside them is no object and may claim what nobody reads. It must hold an object whose invariants are a list or a map of objects. An empty list is allowed: it claims nothing. In a map, a key that starts with an underscore may hold a remark.",
  ),
  "assertions-not-read": doc(
    "error",
    "The assertion file was not read",
    "A file of that name is there, but it is a link, no regular file, too large, or not readable. None of its claims was checked. Put the file itself into the folder.",
  ),
  "unknown-status": doc(
    "warning",
    "Not a known status",
    "Known are Proven, Admitted, wip, partial and TODO, in any case. This one is taken for unfinished.",
  ),
  "flag-as-text": doc(
    "hint",
    "A flag in quotes",
    'The value of proof_qed is a text. Igla reads "true" as true; other tools take it for something else or for nothing.',
  ),
  "claims-disagree": doc(
    "warning",
    "Two claims of one entry contradict each other",
    "One of status and proof_qed says that the theorem is proven, the other one does not. The stronger claim counts, so that an over-claim cannot hide behind a modest word. Keep one of them, or make them say the same.",
  ),
  "empty-axiom": doc(
    "warning",
    "This axiom postulates nothing",
    "Its type is True. It looks like an assumption that is accounted for, and is none.",
  ),
  "unused-axiom": doc(
    "information",
    "No theorem uses this axiom",
    "No theorem of this folder that was checked rests on it.",
  ),
  unchecked: doc(
    "information",
    "Not checked by Coq",
    "The text was read, but Coq was not asked or gave no answer. The text alone never makes a claim true.",
  ),
  refused: doc(
    "warning",
    "Not run: the file would act on the machine",
    "A .v file is a program. This one writes files, loads native code or leaves its folder, so Igla does not run it.",
  ),
  "weakened-checks": doc(
    "warning",
    "Flags of the project weaken its proofs",
    "The project file switches off or changes checks of Coq. They are shown here and not passed on silently.",
  ),
  "guard-violated": doc(
    "error",
    "A runtime check of an invariant fails",
    "The race file can take a value that the invariant rules out. What follows is the entry's own choice: the race does not start (abort), starts with a warning (warn), or ranks behind all races without a penalty (hard_penalty). The last two are warnings.",
  ),
  "unknown-citation": doc(
    "warning",
    "The citation names no invariant",
    "The number cites an id that no assertion file of this folder has. A source that does not exist is worse than none.",
  ),
  "uncited-number": doc(
    "hint",
    "A number without a source",
    "In a folder that keeps claims, a hyper-parameter may say where it comes from: `# cites: INV-8` names an invariant, a theorem or a paper, beside the number or on the line above.",
  ),
  "proof-left-open": doc("error", "A proof is never ended", "Coq needs Qed, Defined, Admitted or Abort after it."),
  "proof-ended-twice": doc("error", "This ends no proof", "The sentence before it has ended the proof already."),
  "sentence-left-open": doc("error", "A sentence without a full stop", "Coq reads on to the next full stop."),
  "comment-left-open": doc("error", "A comment is never closed", "Everything after it is part of the comment."),
  "string-left-open": doc("error", "A string is never closed", "Everything after it is part of the string."),
} as const satisfies Readonly<Record<string, CodeDoc>>;

export type InvariantCode = keyof typeof codeDocs;

export function isInvariantCode(code: string): code is InvariantCode {
  return Object.hasOwn(codeDocs, code);
}
