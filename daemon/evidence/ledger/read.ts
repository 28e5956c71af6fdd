/**
 * Reads a ledger of any age and says what is wrong with it, line by line. Never throws and repairs nothing.
 *
 * A chained row carries `prev`, the hash of the row before it, and `hash`, its own. The first one names the hash of all
 * bytes before it, so that an older file can be continued; zeros where there are none.
 */
import { canonicalJson } from "../../config/canonical.ts";
import { hashOf, hashOfBytes, type LedgerRow, noHash } from "./row.ts";

export type LedgerCode =
  | "half-line"
  | "too-long"
  | "not-utf8"
  | "not-json"
  | "empty-line"
  | "crlf"
  | "not-a-row"
  | "edited"
  | "broken-chain"
  | "fork"
  | "unchained-row"
  | "truncated";

export interface LedgerFinding {
  readonly code: LedgerCode;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  /** Information only: the file may be continued. */
  readonly harmless: boolean;
}

export interface Ledger {
  readonly rows: readonly LedgerRow[];
  readonly findings: readonly LedgerFinding[];
  /** Hash that the next row has to name. */
  readonly next: string;
  /** Chained rows. */
  readonly chained: number;
  /** Byte at which a half line begins; null: the file ends with a whole one. */
  readonly halfLineAt: number | null;
}

/** A row is some hundred bytes; what is longer than this is no row. */
const longestLine = 1024 * 1024;
const newline = 0x0a;

/** @param head number of chained rows that were there once; null: not known */
export function readLedger(bytes: Uint8Array, head: number | null = null): Ledger {
  const reader = new Reader(bytes);
  let start = 0;
  let line = 1;
  while (start < bytes.length) {
    const end = bytes.indexOf(newline, start);
    if (end < 0) {
      reader.halfLine(start, line);
      break;
    }
    reader.line(start, end, line);
    start = end + 1;
    line += 1;
  }
  return reader.finish(line, head);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #rows: LedgerRow[] = [];
  readonly #findings: LedgerFinding[] = [];
  readonly #prevs = new Map<string, number>();
  #chained = 0;
  #last: string | null = null;
  #halfLineAt: number | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  #report(code: LedgerCode, line: number, message: string, harmless = false): void {
    this.#findings.push({ code, line, message, harmless });
  }

  halfLine(start: number, line: number): void {
    this.#halfLineAt = start;
    const length = this.#bytes.length - start;
    this.#report(
      "half-line",
      line,
      `The last ${length} bytes are no whole line: a writer was stopped. Recover the ledger to go on.`,
    );
  }

  line(start: number, end: number, line: number): void {
    if (end - start > longestLine) {
      this.#report("too-long", line, `The line has ${end - start} bytes; a row has at most ${longestLine}.`);
      return;
    }
    const text = this.#text(start, end, line);
    if (text === null) return;
    if (text.trim() === "") {
      this.#report("empty-line", line, "The line is empty.", this.#chained === 0);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      this.#report("not-json", line, `The line is no JSON: ${(error as Error).message}`);
      return;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#report("not-a-row", line, "The line is no JSON object.");
      return;
    }
    this.#object(value as Record<string, unknown>, text, start, line);
  }

  #text(start: number, end: number, line: number): string | null {
    const hasReturn = end > start && this.#bytes[end - 1] === 0x0d;
    if (hasReturn) {
      const why = "The line ends with a carriage return: an editor has rewritten the file.";
      this.#report("crlf", line, why, this.#chained === 0);
    }
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true });
      return decoder.decode(this.#bytes.subarray(start, hasReturn ? end - 1 : end));
    } catch {
      this.#report("not-utf8", line, "The line is not UTF-8.");
      return null;
    }
  }

  #object(fields: Record<string, unknown>, text: string, start: number, line: number): void {
    const isHeader = "_schema" in fields || "schema" in fields;
    if (typeof fields.hash === "string" && typeof fields.prev === "string") {
      this.#link(fields, fields.hash, fields.prev, text, start, line);
    } else if (this.#chained > 0) {
      this.#report("unchained-row", line, "The row was written past the chain, by another program or by hand.");
    }
    if (isHeader && !("bpb" in fields)) return;
    const { bpb } = fields;
    if (typeof bpb !== "number" || !Number.isFinite(bpb)) {
      this.#report("not-a-row", line, "The row has no finite bpb.");
      return;
    }
    const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);
    const word = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
    const step = number(fields.step) ?? number(fields.steps);
    const { seed, sha, agent } = fields;
    this.#rows.push({ line, seed: number(seed), bpb, step, sha: word(sha), agent: word(agent), fields });
  }

  #link(fields: Record<string, unknown>, hash: string, prev: string, text: string, start: number, line: number): void {
    const wanted = this.#last ?? (start === 0 ? noHash : hashOfBytes(this.#bytes.subarray(0, start)));
    if (hashOf(fields) !== hash || canonicalJson(fields) !== text) {
      this.#report("edited", line, "The row does not have the hash that it carries: it was edited.");
    }
    const twin = this.#prevs.get(prev);
    if (twin !== undefined) {
      this.#report("fork", line, `The row follows the same one as line ${twin}: two writers, or a copied row.`);
    } else if (prev !== wanted) {
      const what =
        this.#chained === 0
          ? "What stands before the first chained row was changed."
          : "A row before this one was removed, changed or moved.";
      this.#report("broken-chain", line, what);
    }
    this.#prevs.set(prev, line);
    this.#last = hash;
    this.#chained += 1;
  }

  finish(line: number, head: number | null): Ledger {
    if (head !== null && this.#chained < head) {
      this.#report("truncated", line, `${this.#chained} chained rows are there; there were ${head}.`);
    }
    const before = this.#bytes.subarray(0, this.#halfLineAt ?? this.#bytes.length);
    const next = this.#last ?? (before.length === 0 ? noHash : hashOfBytes(before));
    return {
      rows: this.#rows,
      findings: this.#findings.sort((a, b) => a.line - b.line),
      next,
      chained: this.#chained,
      halfLineAt: this.#halfLineAt,
    };
  }
}
