/** `_CoqProject` and `_RocqProject`: load paths, files and flags, as coq_makefile reads them. */
import { withoutMark } from "../byte-order-mark.ts";

export interface ProjectInclude {
  readonly kind: "R" | "Q" | "I";
  /** As written, relative to the project file's folder. */
  readonly folder: string;
  /** Logical name; empty for `-I` and for the empty prefix. */
  readonly name: string;
}

export interface ProjectFile {
  readonly includes: readonly ProjectInclude[];
  readonly files: readonly string[];
  /** Every other flag with its argument, in order, those of `-arg` taken apart. */
  readonly flags: readonly string[];
  /** Those among them that change what a proof means or that run code. They are shown; the prover is not given them silently. */
  readonly trustFlags: readonly string[];
}

/** Flags of coqc that take one argument. */
const withArgument = new Set([
  "-w",
  "-W",
  "-set",
  "-unset",
  "-async-proofs",
  "-native-compiler",
  "-bytecode-compiler",
  "-init-file",
  "-load-vernac-source",
  "-load-vernac-source-verbose",
  "-load-vernac-object",
  "-l",
  "-lv",
  "-require",
  "-ri",
  "-re",
  "-rifrom",
  "-refrom",
  "-compat",
  "-color",
  "-diffs",
  "-mangle-names",
  "-profile-ltac-cutoff",
  "-docroot",
  "-install",
  "-generate-meta-for-package",
]);
const trustFlags = new Set([
  "-type-in-type",
  "-impredicative-set",
  "-indices-matter",
  "-init-file",
  "-load-vernac-source",
  "-load-vernac-source-verbose",
  "-load-vernac-object",
  "-l",
  "-lv",
  "-require",
  "-ri",
  "-re",
  "-rifrom",
  "-refrom",
  "-noinit",
  "-nois",
  "-vos",
  "-vok",
  "-quick",
  "-allow-sprop",
  "-cumulative-sprop",
  "-allow-rewrite-rules",
  "-top",
  "-topfile",
]);
const trustSettings = /^"?(?:Guard Checking|Positivity Checking|Universe Checking|Definitional UIP)/;

export function parseProject(text: string): ProjectFile {
  const words = wordsOf(withoutMark(text));
  const includes: ProjectInclude[] = [];
  const files: string[] = [];
  const flags: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "-R" || word === "-Q") {
      includes.push({ kind: word === "-R" ? "R" : "Q", folder: words[at + 1] ?? "", name: logicalName(words[at + 2]) });
      at += 2;
    } else if (word === "-I") {
      includes.push({ kind: "I", folder: words[at + 1] ?? "", name: "" });
      at += 1;
    } else if (word === "-arg") {
      at += 1;
      splice(words, at, wordsOf(words[at] ?? ""));
      at -= 1;
    } else if (withArgument.has(word)) {
      flags.push(`${word} ${words[at + 1] ?? ""}`.trim());
      at += 1;
    } else if (word.startsWith("-")) flags.push(word);
    else if (/\.(?:v|ml|mli|mlg|mlpack|mllib)$/.test(word)) files.push(word);
    // What is left are variables of the makefile (`DOCROOT = x`) and folders: nothing that a check needs.
  }
  return { includes, files, flags, trustFlags: flags.filter(weakens) };
}

/** In the place of one word its own words: what `-arg "-w none"` carries. */
function splice(words: string[], at: number, inner: readonly string[]): void {
  words.splice(at, 1, ...inner);
}

/** coq_makefile takes `""` and `''` for the empty prefix. */
function logicalName(word: string | undefined): string {
  return word === undefined || /^["']*$/.test(word) ? "" : word;
}

function weakens(flag: string): boolean {
  const space = flag.indexOf(" ");
  const name = space < 0 ? flag : flag.slice(0, space);
  if (trustFlags.has(name)) return true;
  return (name === "-set" || name === "-unset") && trustSettings.test(flag.slice(space + 1));
}

/** Blanks separate, double and single quotes hold together, `#` starts a comment where a word could start. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  const pattern = /#[^\n]*|((?:"[^"\n]*"?|'[^'\n]*'?|[^\s"'])+)/g;
  for (const [, word] of text.matchAll(pattern)) if (word !== undefined) words.push(unquoted(word));
  return words;
}

function unquoted(word: string): string {
  const inner = /^"([^"]*)"?$/.exec(word) ?? /^'([^']*)'?$/.exec(word);
  return inner?.[1] ?? word.replace(/["']/g, "");
}
