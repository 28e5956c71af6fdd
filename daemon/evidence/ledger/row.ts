/** Rows of a ledger: what a result must say, and what older files say instead. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalHash, canonicalJson } from "../../config/canonical.ts";
import { leverVerdictSchema } from "../../protocol/experiments.ts";

export const gateStatuses = ["victory_candidate", "below_target_evidence", "above_target", "new_champion"] as const;

/** What a new row must hold; other fields are kept as they are. */
export const newRowSchema = z.looseObject({
  /** ISO 8601 in UTC. */
  ts: z.iso.datetime(),
  agent: z.string().min(1),
  seed: z.number().int().min(0),
  bpb: z.number(),
  step: z.number().int().min(0),
  /** Code version. */
  sha: z.string().regex(/^[0-9a-f]{7,64}$/i),
  /** Name and hash of the corpus. */
  corpus: z.string().min(1),
  protocol: z.string().min(1),
  gate_status: z.enum(gateStatuses),
  /** Id of the pre-registration; null for evidence that nothing was registered for. */
  prereg: z.string().nullable(),
});
export type NewRow = z.infer<typeof newRowSchema>;

/**
 * A row of an older file, carried over with all that it says and nothing added. What it lacks it goes on lacking; whoever
 * judges it has to see that.
 */
export const importedRowSchema = z.looseObject({
  bpb: z.number(),
  imported: z.strictObject({
    /** Name of the file, without its folder. */
    file: z.string().min(1),
    /** Of the whole file: a second import of it is noticed. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** From 1. */
    line: z.number().int().min(1),
    /** Fields whose names the chain needs for itself. */
    fields: z.record(z.string(), z.unknown()).optional(),
  }),
});
export type ImportedRow = z.infer<typeof importedRowSchema>;

/** The verdict on a lever: no result of a seed, so no victory can rest on it. */
export const verdictRowSchema = z.looseObject({
  kind: z.literal("lever-verdict"),
  ts: z.iso.datetime(),
  agent: z.string().min(1),
  lever: z.string().min(1),
  sha: z.string().regex(/^[0-9a-f]{7,64}$/i),
  corpus: z.string().min(1),
  protocol: z.string().min(1),
  prereg: z.string().min(1),
  /** Race file, relative to the workspace, with `/`. */
  race: z.string().min(1),
  /** SHA-256 of the arms' whole descriptions without seed and steps. */
  arms: z.strictObject({ off: z.string(), on: z.string() }),
  outcome: leverVerdictSchema,
});
export type VerdictRow = z.infer<typeof verdictRowSchema>;

export function isVerdict(fields: object): boolean {
  return "kind" in fields && fields.kind === "lever-verdict";
}

/** Bytes. A row has some hundred; what is longer than this is no row. */
export const longestLine = 1024 * 1024;

/** What is wrong with a new row, in words; null: nothing. */
export function faultOfNewRow(row: unknown): string | null {
  return faultBy(newRowSchema, row);
}

/** The same of any row that the chain may hold: a new one, a verdict or an imported one. */
export function faultOfRow(row: Readonly<Record<string, unknown>>): string | null {
  return faultBy(isVerdict(row) ? verdictRowSchema : "imported" in row ? importedRowSchema : newRowSchema, row);
}

function faultBy(schema: z.ZodType, row: unknown): string | null {
  const parsed = schema.safeParse(row);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return `its ${issue?.path.join(".") || "shape"} is wrong: ${issue?.message}`;
}

/** A row as read, of any age. */
export interface LedgerRow {
  /** From 1. */
  readonly line: number;
  readonly seed: number | null;
  readonly bpb: number;
  readonly step: number | null;
  readonly sha: string | null;
  readonly agent: string | null;
  /** Everything that the line says. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A verdict as read. */
export interface LedgerVerdict {
  /** From 1. */
  readonly line: number;
  readonly row: VerdictRow;
}

export const noHash = "0".repeat(64);

/** Of a chained row without its own hash. */
export function hashOf(fields: Readonly<Record<string, unknown>>): string {
  const { hash: _, ...rest } = fields;
  return canonicalHash(rest);
}

export function hashOfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** All that the chain may hold. */
export type ChainedRow = NewRow | ImportedRow | VerdictRow;

/** The line of a row behind `prev`; canonical, so that every byte of it is covered by its hash. */
export function chainedLine(row: ChainedRow, prev: string): { readonly line: string; readonly hash: string } {
  const fields = { ...row, prev };
  const hash = hashOf(fields);
  return { line: `${canonicalJson({ ...fields, hash })}\n`, hash };
}
