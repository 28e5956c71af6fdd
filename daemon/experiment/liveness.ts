/** Does the lever do anything? Ten steps with and without it, on a schedule that ends with them, before any seed is spent. */
import { canonicalJson } from "../config/canonical.ts";
import type { TrialBase } from "../config/race-config.ts";
import type { TrainPlan } from "../model/hooks.ts";

export const livenessSteps = 10;

/** The same arm on a schedule of ten steps, so that what acts late acts within them. */
export function shortened(base: TrialBase): TrialBase {
  return { ...base, schedule: { ...base.schedule, warmup: Math.min(base.schedule.warmup, 2), steps: livenessSteps } };
}

export interface ProbedArm {
  /** Training loss of each step, nats per byte; null where it is not finite. */
  readonly losses: readonly (number | null)[];
  /** Null: not finite. */
  readonly valBpb: number | null;
  /** Values by name, before and after. */
  readonly before: ReadonlyMap<string, Float32Array>;
  readonly after: ReadonlyMap<string, Float32Array>;
  /** As the levers have left it. */
  readonly schedule: TrainPlan["schedule"];
}

/**
 * Why the lever is dead; null: it acts, or ten steps cannot tell. Only what both or the new parameters show, never how
 * good it is. Another schedule may differ from the old one in a few late steps only: that is left to the pairs.
 */
export function deadBecause(lever: string, off: ProbedArm, on: ProbedArm): string | null {
  const still = [...on.after].filter(([name, values]) => isSame(values, on.before.get(name))).map(([name]) => name);
  const own = still.filter((name) => !off.after.has(name));
  if (own.length > 0) {
    return `${list(own)} of ${lever} did not move in ${livenessSteps} steps: no gradient reaches ${own.length === 1 ? "it" : "them"}.`;
  }
  const stopped = still.filter((name) => off.after.has(name) && !isSame(off.after.get(name), off.before.get(name)));
  if (stopped.length > 0) {
    const [verb, them] = stopped.length === 1 ? ["learns", "it"] : ["learn", "them"];
    return `With ${lever} ${list(stopped)} no longer ${verb}: no gradient reaches ${them}.`;
  }
  const sameLosses = on.losses.length === off.losses.length && on.losses.every((loss, i) => loss === off.losses[i]);
  if (!sameLosses || on.valBpb !== off.valBpb) return null;
  if (canonicalJson(on.schedule) !== canonicalJson(off.schedule)) return null;
  return `Over ${livenessSteps} steps every loss and the evaluation are the same, bit for bit, with and without ${lever}: the flag changes nothing.`;
}

function isSame(a: Float32Array | undefined, b: Float32Array | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((value, i) => value === b[i]);
}

function list(names: readonly string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
