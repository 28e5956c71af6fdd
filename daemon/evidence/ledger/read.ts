/**
 * Reads a ledger of any age and says what is wrong with it, line by line. Never throws and repairs nothing.
 *
 * A chained row carries `prev`, the hash of the row before it, and `hash`, its own. The first one names the hash of all
 * bytes before it, so that an older file can be continued; zeros where there are none.
 */
import { canonicalJson } from "../../config/canonical.ts";
import {
  faultOfRow,
  hashOf,
  hashOfBytes,
  isVerdict,
  type LedgerRow,
  type LedgerVerdict,
  longestLine,
  noHash,
  verdictRowSchema,
} from "./row.ts";

export type LedgerCode =
  | "half-line"
  | "no-line-break"
  | "too-long"
  | "not-utf8"
  | "not-json"
  | "empty-line"
  | "crlf"
  | "byte-order-mark"
  | "not-a-row"
  | "missing-field"
  | "duplicate-row"
  | "edited"
  | "broken-chain"
  | "fork"
  | "unchained-row"
  | "truncated"
  | "unknown-count";

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
  /** Verdicts on levers, in order. */
  readonly verdicts: readonly LedgerVerdict[];
  readonly findings: readonly LedgerFinding[];
  /** Hash that the next row has to name. */
  readonly next: string;
  /** Chained rows. */
  readonly chained: number;
  /** Byte at which a half line begins; null: the file ends with a whole one. */
  readonly halfLineAt: number | null;
  /** The last line is an older row that is whole but for its line break. */
  readonly lacksLineBreak: boolean;
}

const newline = 0x0a;
const byteOrderMark = "\ufeff";

/** @param head number of chained rows that were there once; null: not known */
export function readLedger(bytes: Uint8Array, head: number | null = null): Ledger {
  const reading = ledgerReading(bytes, head);
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  return step.value;
}

/** The same line by line, for who has other things to do meanwhile; yields how many findings there are so far. */
export function* ledgerReading(bytes: Uint8Array, head: number | null = null): Generator<number, Ledger> {
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
    yield reader.findingCount;
  }
  return reader.finish(line, head);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #rows: LedgerRow[] = [];
  readonly #verdicts: LedgerVerdict[] = [];
  readonly #findings: LedgerFinding[] = [];
  readonly #prevs = new Map<string, number>();
  /** Rows without a chain, by their text. */
  readonly #unchained = new Map<string, number>();
  #chained = 0;
  #last: string | null = null;
  #halfLineAt: number | null = null;
  #lacksLineBreak = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get findingCount(): number {
    return this.#findings.length;
  }

  #report(code: LedgerCode, line: number, message: string, harmless = false): void {
    this.#findings.push({ code, line, message, harmless });
  }

  halfLine(start: number, line: number): void {
    const length = this.#bytes.length - start;
    // Older files often end without a line break: a result must not vanish for that.
    if (this.#chained === 0 && length <= longestLine && isOlderRow(this.#bytes.subarray(start))) {
      this.#lacksLineBreak = true;
      this.#report(
        "no-line-break",
        line,
        "The last row is whole but its line does not end. Recover the ledger to go on.",
      );
      this.line(start, this.#bytes.length, line);
      return;
    }
    this.#halfLineAt = start;
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
    const hasMark = text.startsWith(byteOrderMark);
    if (hasMark) this.#report("byte-order-mark", line, "The line begins with a byte order mark.", this.#chained === 0);
    let value: unknown;
    try {
      value = JSON.parse(hasMark ? text.slice(1) : text);
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
      // The mark and the carriage return stay in the text: the hash of a chained row has to cover every byte.
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      return decoder.decode(this.#bytes.subarray(start, end));
    } catch {
      this.#report("not-utf8", line, "The line is not UTF-8.");
      return null;
    }
  }

  #object(fields: Record<string, unknown>, text: string, start: number, line: number): void {
    const isHeader = "_schema" in fields || "schema" in fields;
    const isChained = typeof fields.hash === "string" && typeof fields.prev === "string";
    const isLinked = isChained && this.#link(fields, String(fields.hash), String(fields.prev), text, start, line);
    if (!isChained) this.#loose(fields, text, line);
    if (isHeader && !("bpb" in fields)) return;
    if (isVerdict(fields)) {
      this.#verdict(fields, isChained, isLinked, line);
      return;
    }
    const { bpb } = fields;
    if (typeof bpb !== "number" || !Number.isFinite(bpb)) {
      this.#report("not-a-row", line, "The row has no finite bpb.");
      return;
    }
    const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);
    const word = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
    const step = number(fields.step) ?? number(fields.steps);
    const { seed, sha, agent } = fields;
    this.#checkFields(fields, isChained, number(seed), step, line);
    this.#rows.push({ line, seed: number(seed), bpb, step, sha: word(sha), agent: word(agent), fields });
  }

  /** Without its place in the chain anybody could have written it. */
  #verdict(fields: Record<string, unknown>, isChained: boolean, isLinked: boolean, line: number): void {
    const parsed = verdictRowSchema.safeParse(fields);
    if (parsed.success && isChained) {
      if (isLinked) this.#verdicts.push({ line, row: parsed.data });
    } else if (isChained) this.#report("missing-field", line, `Igla writes no such row: ${faultOfRow(fields)}`);
    else this.#report("not-a-row", line, "The verdict has no place in the chain: it counts for nothing.");
  }

  /** A row without a chain: an older one, or one that has lost its place. */
  #loose(fields: Record<string, unknown>, text: string, line: number): void {
    const isOurs = (typeof fields.hash === "string" || typeof fields.prev === "string") && faultOfRow(fields) === null;
    if (isOurs) this.#report("edited", line, "The row has only one of hash and prev: it was edited.");
    else if (this.#chained > 0) {
      this.#report("unchained-row", line, "The row was written past the chain, by another program or by hand.");
    }
    const twin = this.#unchained.get(text);
    if (twin === undefined) this.#unchained.set(text, line);
    else this.#report("duplicate-row", line, `The row says the same as line ${twin}.`, this.#chained === 0);
  }

  /** Older rows may lack what later ones must have; whoever judges them has to know. */
  #checkFields(
    fields: Record<string, unknown>,
    isChained: boolean,
    seed: number | null,
    step: number | null,
    line: number,
  ): void {
    if (isChained) {
      const fault = faultOfRow(fields);
      if (fault !== null) this.#report("missing-field", line, `Igla writes no such row: ${fault}`);
    } else if (this.#chained === 0 && (seed === null || step === null)) {
      const missing = [seed === null ? "seed" : "", step === null ? "step" : ""].filter(Boolean).join(" and no ");
      this.#report("missing-field", line, `The older row has no ${missing}; it proves nothing.`, true);
    }
  }

  /** @returns whether the row stands as it was written, behind the one that it was written behind */
  #link(
    fields: Record<string, unknown>,
    hash: string,
    prev: string,
    text: string,
    start: number,
    line: number,
  ): boolean {
    const wanted = this.#last ?? (start === 0 ? noHash : hashOfBytes(this.#bytes.subarray(0, start)));
    const isWhole = isIntact(fields, hash, text);
    if (!isWhole) {
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
    return isWhole && twin === undefined && prev === wanted;
  }

  finish(line: number, head: number | null): Ledger {
    if (head !== null && this.#chained < head) {
      this.#report("truncated", line, `${this.#chained} chained rows are there; there were ${head}.`);
    }
    const before = this.#bytes.subarray(0, this.#halfLineAt ?? this.#bytes.length);
    const next = this.#last ?? (before.length === 0 ? noHash : hashOfBytes(before));
    return {
      rows: this.#rows,
      verdicts: this.#verdicts,
      findings: this.#findings.sort((a, b) => a.line - b.line),
      next,
      chained: this.#chained,
      halfLineAt: this.#halfLineAt,
      lacksLineBreak: this.#lacksLineBreak,
    };
  }
}

function isIntact(fields: Record<string, unknown>, hash: string, text: string): boolean {
  try {
    return hashOf(fields) === hash && canonicalJson(fields) === text;
  } catch {
    // No canonical form: numbers past the range (1e999), or nested deeper than the stack. Igla wrote no such row.
    return false;
  }
}

function isOlderRow(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && "bpb" in value && !("prev" in value);
  } catch {
    // Cut within a character or a value: a half line.
    return false;
  }
}
