/**
 * A gate: one question that has to be answered by measured values before something is believed or switched on. Gates are
 * pure, never throw, and close when the evidence is missing: what cannot be judged does not pass.
 */

export type GateOutcome =
  | "pass"
  /** A person has to look at it before it counts. */
  | "review"
  | "fail"
  /** There is nothing here that the gate is about. */
  | "not-applicable";

export interface GateVerdict {
  /** Id of the gate. */
  readonly gate: string;
  readonly verdict: GateOutcome;
  /** One sentence with the measured value and the bound. */
  readonly reason: string;
  /** In the unit that `reason` names; null: nothing could be measured. */
  readonly measured: number | null;
  readonly bound: number | null;
}

export interface Gate<Input> {
  readonly id: string;
  readonly title: string;
  readonly check: (input: Input) => GateVerdict;
}

export type Answer = Omit<GateVerdict, "gate">;

/** Numbers that are none are handed on as null, and -0 as 0: a verdict has a JSON form. */
export function defineGate<Input>(id: string, title: string, check: (input: Input) => Answer): Gate<Input> {
  const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value + 0 : null);
  return {
    id,
    title,
    check(input) {
      const { verdict, reason, measured, bound } = check(input);
      return { gate: id, verdict, reason, measured: finite(measured), bound: finite(bound) };
    },
  };
}

/** @param holds whether the measured value keeps the bound */
export function judged(holds: boolean, reason: string, measured: number, bound: number): Answer {
  return { verdict: holds ? "pass" : "fail", reason, measured, bound };
}

/** The gate stays closed: nothing could be measured. */
export function unmeasured(reason: string, bound: number | null = null): Answer {
  return { verdict: "fail", reason, measured: null, bound };
}

/** An alarm: the gate has seen what it is there for. */
export function isAlarm({ verdict }: GateVerdict): boolean {
  return verdict === "fail" || verdict === "review";
}

/** Three digits are enough for a sentence. */
export function digits(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : value.toPrecision(4);
}
