/** What the runtime checks of an assertion file say about a race: pre-flight. */
import * as z from "zod";
import { proofStatuses } from "./invariant-report.ts";

const position = z.strictObject({ line: z.number().int().min(0), character: z.number().int().min(0) });

/** As `Place` of invariant-report.ts; the path is relative to the folder of the assertion file's proofs. */
const placeSchema = z.strictObject({ path: z.string(), range: z.strictObject({ start: position, end: position }) });

/**
 * `later`: known only while the race trains. `not-applicable`: nothing of the race is what the check is about.
 * A violated check with the action `other` warns.
 */
export const guardOutcomes = ["holds", "violated", "not-applicable", "later"] as const;

export const guardFindingSchema = z.strictObject({
  /** As the file writes it. */
  id: z.string(),
  action: z.enum(["abort", "warn", "hard_penalty", "other"]),
  outcome: z.enum(guardOutcomes),
  /** Of the file. */
  message: z.string(),
  /** Which value of which key lies outside of what, or why the check does not apply. */
  detail: z.string(),
  /** Dotted path of the key in question, as `optimizer.lr`; null when no single key is. */
  key: z.string().nullable(),
  /** The value comes from the key's entry in the space. */
  varies: z.boolean(),
  theorem: z
    .strictObject({
      name: z.string(),
      path: z.string().nullable(),
      /** As the file claims it; empty: nothing is claimed. */
      claim: z.string(),
      /** According to Coq, or as far as the text alone tells (Broken, Admitted); null: not known. */
      status: z.enum(proofStatuses).nullable(),
    })
    .nullable(),
  /** Of the entry. */
  place: placeSchema,
});

export type GuardFinding = z.infer<typeof guardFindingSchema>;

export function isViolated({ outcome }: GuardFinding): boolean {
  return outcome === "violated";
}

/** A race that breaks an invariant whose action is a penalty: its trials rank behind those of all other races. */
export function isPenalised(guards: readonly GuardFinding[]): boolean {
  return guards.some((guard) => isViolated(guard) && guard.action === "hard_penalty");
}

/** A finding in one line: what the file says, what was found, and which theorem stands behind it. */
export function describeGuard({ id, message, detail, theorem }: GuardFinding): string {
  const parts = [message.trim().replace(/[^.!?]$/, "$&."), detail];
  if (theorem !== null) parts.push(describeTheorem(theorem));
  return `${id}: ${parts.filter((part) => part !== "").join(" ")}`;
}

function describeTheorem({ name, path, claim, status }: NonNullable<GuardFinding["theorem"]>): string {
  const where = path === null ? name : `${name} in ${path}`;
  if (status === null) return claim === "" ? `Theorem ${where}.` : `Theorem ${where}, ${claim} according to the file.`;
  return `Theorem ${where} is ${status}.`;
}
