/** Gates of the text: it is the one that was asked for, and what is evaluated on was not trained on. */
import { defineGate, digits, unmeasured } from "./gate.ts";

export interface LeakInput {
  readonly part: "validation" | "test";
  /** Share of the part's 64-byte passages that also occur in train, 0..1. */
  readonly rate64: number;
  /** Byte of train at which the whole part stands; null: it does not. */
  readonly copyAt: number | null;
  /** Highest share that is allowed. */
  readonly limit: number;
}

export const leakGate = defineGate<LeakInput>("leak", "Evaluation text does not occur in train", (input) => {
  const { part, rate64, copyAt, limit } = input;
  // A part shorter than one passage has no rate, but may be a copy all the same.
  const holds = rate64 >= 0 && rate64 <= limit && copyAt === null;
  const copy = copyAt === null ? "" : `; the whole part stands in train from byte ${copyAt} on`;
  const reason = `${digits(100 * rate64)} % of the 64-byte passages of ${part} occur in train; at most ${digits(100 * limit)} % is allowed${copy}.`;
  return { verdict: holds ? "pass" : "fail", reason, measured: rate64, bound: limit };
});

export interface CorpusInput {
  readonly asked: { readonly name: string; readonly sha256: string };
  /** What was read; null: nothing, for the reason `error`. */
  readonly read: { readonly name: string; readonly sha256: string } | null;
  readonly error: string | null;
}

/** Hashes may be given by their first digits, 12 at least. */
export const corpusGate = defineGate<CorpusInput>("corpus", "The corpus is the one asked for", (input) => {
  const { asked, read, error } = input;
  if (read === null) return unmeasured(`The corpus "${asked.name}" was not read: ${error ?? "no reason was given"}`);
  const [short, long] = [asked.sha256, read.sha256].sort((a, b) => a.length - b.length) as [string, string];
  const isSame = short.length >= 12 && long.startsWith(short);
  const [a, b] = [asked, read].map(({ name, sha256 }) => `"${name}" ${sha256.slice(0, 12)}`);
  const reason = isSame ? `${b} was read, as asked.` : `${b} was read instead of ${a}: a silent substitute.`;
  return { verdict: isSame ? "pass" : "fail", reason, measured: null, bound: null };
});
