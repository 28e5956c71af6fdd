/**
 * Pre-registration: what is asked, of what data, with which seeds and at which level, fixed before the data. Its name is
 * the hash of its content, so it cannot be edited; a change is a new registration that names the old one.
 */
import * as z from "zod";
import { canonicalHash, canonicalJson } from "../config/canonical.ts";

export const hex = (least: number, most: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${least},${most}}$`), `lower-case hex, ${least} to ${most} digits`);

export const registrationSchema = z.strictObject({
  /** In words: what is believed, and what would refute it. */
  hypothesis: z.string().min(1),
  /** Id of the lever, or name of the candidate. */
  subject: z.string().min(1),
  metric: z.literal("val_bpb").default("val_bpb"),
  corpusSha256: hex(12, 64),
  /** `chunked` or `strided:S`: numbers of different protocols are never compared. */
  protocol: z.string().min(1),
  /** All of them must come in below the target. */
  seeds: z
    .array(z.number().int().min(0))
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, "a seed is named twice")
    .default([43, 44, 45]),
  alpha: z.number().gt(0).lt(0.5).default(0.01),
  /** BPB that the mean is tested against. */
  mu0: z.number().positive().default(1.55),
  /** BPB that every seed must stay strictly below. */
  target: z.number().positive().default(1.5),
  /** BPB by which the mean must lie below mu0 at least. */
  minimumEffect: z.number().min(0).default(0.05),
  warmupSteps: z.number().int().min(0).default(4000),
  test: z.enum(["one-sample-t", "welch-t"]).default("one-sample-t"),
  /** When nothing more is measured. */
  stopRule: z.string().min(1),
  /** Hypotheses of the family that this one belongs to (Bonferroni). */
  hypotheses: z.number().int().min(1).default(1),
  codeVersion: hex(7, 64),
  /** Milliseconds since 1970. */
  registeredAt: z.number().int().min(0),
  /** Id of the registration that this one replaces. */
  amends: hex(64, 64).nullable().default(null),
});

export type Registration = z.infer<typeof registrationSchema>;

/** SHA-256 over the canonical JSON (RFC 8785), hex. */
export function registrationId(registration: Registration): string {
  return canonicalHash(registration);
}

/** Relative to the workspace. */
export function registrationPath(id: string): string {
  return `assertions/prereg/${id.slice(0, 12)}.json`;
}

/** Content of the file: canonical, one line, so that its bytes are what is hashed. */
export function registrationText(registration: Registration): string {
  return `${canonicalJson(registration)}\n`;
}

export type RegistrationFault = "not-json" | "not-a-registration" | "edited";
export type ReadRegistration =
  | { readonly ok: true; readonly id: string; readonly registration: Registration }
  | { readonly ok: false; readonly code: RegistrationFault; readonly message: string };

/** @param path of the file: its name holds the first 12 digits of the hash */
export function readRegistration(path: string, text: string): ReadRegistration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, code: "not-json", message: `${path}: ${(error as Error).message}` };
  }
  const parsed = registrationSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.join(".") ?? "";
    return { ok: false, code: "not-a-registration", message: `${path}: ${at}: ${issue?.message}` };
  }
  const id = registrationId(parsed.data);
  const isNamed = path.split(/[\\/]/).at(-1) === registrationPath(id).split("/").at(-1);
  if (isNamed && text === registrationText(parsed.data)) return { ok: true, id, registration: parsed.data };
  const what = isNamed
    ? "its spaces or line ends are not those that were registered"
    : `its content has the hash ${id.slice(0, 12)}`;
  const message = `${path} was edited after it was registered: ${what}. Restore it, or register the change anew.`;
  return { ok: false, code: "edited", message };
}

/** A result that was begun before its registration proves nothing. Times in milliseconds since 1970. */
export function isAdmissible({ registeredAt }: Registration, startedAt: number): boolean {
  return startedAt >= registeredAt;
}
