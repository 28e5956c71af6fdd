/** What the readers of JSON and Coq hand to the rules. */

import type { Claim, Place, Range, Reading, RuntimeCheck } from "../protocol/invariant-report.ts";
import type { ObjectLayout } from "./layout.ts";

/** A value of a JSON file and where it stands; `place` covers the quotes of a string. */
export interface Written<T> {
  readonly value: T;
  readonly place: Place;
}

/** A value that claims. */
export interface ClaimValue extends Written<string> {
  readonly claim: Claim;
  /** How it stands in the JSON: `"Proven"`, `true` or `"true"`. */
  readonly form: "word" | "flag" | "flag-text";
}

/** Why a path was not read as a proof. */
export type Unread =
  | { readonly kind: "missing" }
  /** Something is there; `why` follows its path in a sentence: "is a link, which is not followed". */
  | { readonly kind: "left-out" | "unreadable"; readonly why: string };

/** Where a list goes on, and how. */
export interface ListEnd {
  /** Replaced by `before`, the item and `after`: the end of the last item, or all of a list that is empty. */
  readonly place: Place;
  readonly before: string;
  readonly after: string;
  /** Items are objects that hold the name in this key; null: they are names. */
  readonly item: { readonly key: string; readonly layout: ObjectLayout } | null;
}

export interface AssertionEntry {
  readonly id: Written<string>;
  readonly name: string;
  /** `description`, `meaning`, `statement` or the like; empty when absent. */
  readonly description: string;
  readonly place: Place;
  readonly theorem: Written<string> | null;
  /** As written: it may carry prose. */
  readonly coqFile: Written<string> | null;
  /** Relative to the report's folder, prose removed; null when absent, outside of the folder or unreadable. */
  readonly coqPath: string | null;
  /** The strongest of `claims`. */
  readonly claim: Claim;
  readonly claimed: ClaimValue | null;
  /** Values of `status` and `proof_qed`, strongest first. */
  readonly claims: readonly ClaimValue[];
  readonly admittedTheorems: readonly Written<string>[];
  /** Of `admitted_theorems`; null when there is no such list. */
  readonly admittedEnd: ListEnd | null;
  readonly admittedCount: Written<number> | null;
  readonly qedCount: Written<number> | null;
  readonly runtimeCheck: RuntimeCheck | null;
  /** `numeric_anchor` and `bands`, numbers and pairs of numbers by dotted key. */
  readonly numbers: Readonly<Record<string, number | readonly number[]>>;
}

export interface AssertionSource {
  readonly path: string;
  readonly text: string;
  readonly shape: "list" | "map" | "keys";
  readonly entries: readonly AssertionEntry[];
  /** How the last entry is set: `separator` from its end to one that is added; null without entries. */
  readonly layout: (ObjectLayout & { readonly separator: string }) | null;
  readonly budget: { readonly max: Written<number> | null; readonly used: Written<number> | null } | null;
  /** Errors of syntax and of shape, already worded. The entries are what could be read despite them. */
  readonly problems: readonly { readonly code: string; readonly message: string; readonly place: Place }[];
}

/** One declaration that the scanner found in a `.v` file. */
export interface ScannedDeclaration {
  readonly keyword: string;
  readonly name: string;
  /** Of the name. */
  readonly range: Range;
  /** From the keyword to the end of its proof. */
  readonly whole: Range;
  /** Between the colon and the end of the sentence, blanks and comments collapsed. */
  readonly statement: string;
  readonly reading: Reading;
  /** Modules and sections around it, outermost first. */
  readonly scope: readonly string[];
  /** Where the proof ends: the range of `Qed`, `Admitted`, ...; null for what has no proof. */
  readonly ending: Range | null;
  /** True for what postulates: Axiom, Parameter, Conjecture, Hypothesis outside a section, Declare Instance. */
  readonly postulates: boolean;
}

/** One name of a `Require`. */
export interface Required {
  /** The prefix after `From`; empty when there is none. */
  readonly from: string;
  /** As written, qualified or not. */
  readonly name: string;
}

export interface CoqScan {
  readonly kind: "coq";
  readonly path: string;
  readonly declarations: readonly ScannedDeclaration[];
  /** `Admitted` proofs, `admit`s with `Admit Obligations` included. */
  readonly admittedCount: number;
  readonly axiomCount: number;
  readonly emptyAxiomCount: number;
  /** Libraries that it asks for, in order. */
  readonly requires: readonly Required[];
  /** Sentences that may not run: Redirect, Extraction, Cd, Declare ML Module, Load, Drop, Add LoadPath. */
  readonly unsafe: readonly { readonly sentence: string; readonly range: Range; readonly why: string }[];
  /** Errors that the text alone shows: `Qed. Admitted.`, a proof left open, an unclosed comment. */
  readonly problems: readonly { readonly code: string; readonly message: string; readonly range: Range }[];
}

/** Verilog, or no text at all: nothing is said of it. */
export interface ForeignFile {
  readonly kind: "foreign";
  readonly path: string;
}

export type ProofScan = CoqScan | ForeignFile;
