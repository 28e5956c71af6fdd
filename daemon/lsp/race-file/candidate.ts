/** What completion offers, before an editor's form is given to it. */
import type { Range } from "./text/statements.ts";

export interface Candidate {
  readonly label: string;
  readonly kind: "section" | "key" | "value" | "lever" | "dimension";
  /** Snippet. */
  readonly insert: string;
  readonly detail: string;
  readonly markdown: string;
  /** What the typed word is compared with; the label when absent. */
  readonly filter?: string;
  /** Candidates of a lower number stand first. */
  readonly order?: number;
}

export interface Candidates {
  /** What the chosen candidate replaces. */
  readonly range: Range;
  readonly candidates: readonly Candidate[];
}

export function withoutPlaceholders(snippet: string): string {
  return snippet
    .replace(/\$\{\d+\|([^,|]*)[^|]*\|\}/g, "$1")
    .replace(/\$\{\d+:((?:\\.|[^}\\])*)\}/g, "$1")
    .replace(/\$\d+/g, "")
    .replace(/\\([\\$}])/g, "$1");
}

/** Text that means itself inside a snippet. */
export function literal(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}

/** A place to fill in, number `n` in the order of Tab. */
export function placeholder(n: number, text: string): string {
  return `\${${n}:${literal(text)}}`;
}
