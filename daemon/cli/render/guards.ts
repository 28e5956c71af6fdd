/** What guards a race, for people. */
import { describeGuard, type GuardFinding, isPenalised, isViolated } from "../../protocol/guards.ts";
import { type Line, styled } from "./text.ts";

/**
 * Each invariant that the race breaks, then one line about the others; nothing without an assertion file.
 * @param placeOf where the race file decides it; empty where it does not
 */
export function guardLines(guards: readonly GuardFinding[], placeOf: (guard: GuardFinding) => string): Line[] {
  const broken = guards.filter(isViolated).map((guard): Line => {
    const place = placeOf(guard);
    return [styled("yellow", `${place === "" ? "" : `${place}: `}${describeGuard(guard)}`)];
  });
  if (isPenalised(guards)) {
    broken.push([styled("yellow", "penalised: its trials rank behind those of all other races")]);
  }
  const groups = (["holds", "later", "not-applicable"] as const).flatMap((outcome) => {
    const named = guards.filter((guard) => guard.outcome === outcome).map(nameOf);
    return named.length === 0 ? [] : [`${words[outcome]} ${named.join(", ")}`];
  });
  return groups.length === 0 ? broken : [...broken, [styled("dim", `invariants: ${groups.join("; ")}`)]];
}

const words = { holds: "kept", later: "watched", "not-applicable": "not applicable" } as const;

/** `INV-1 (Admitted)`: a status below Proven is said; a claim that nobody has checked yet stands as it is. */
function nameOf({ id, theorem }: GuardFinding): string {
  const status = theorem?.status ?? null;
  const isProven = status === "Proven" || status === "ProvenStd";
  return status === null || isProven ? id : `${id} (${status})`;
}
