/**
 * Rules between keys. They must hold for every configuration that the space can give, so each rule is tried on all
 * combinations of the keys it reads.
 */
import { gridPoints, gridValue } from "../search/samplers/space.ts";
import type { ConfigErrorCode, ErrorList, Span } from "./config-error.ts";
import type { PlacedDimension } from "./space-section.ts";

/** Values of the keys that a rule reads, by dotted path. */
export type KeyValues = Readonly<Record<string, unknown>>;

export interface Fault {
  readonly code: ConfigErrorCode;
  /** The key to point at. */
  readonly path: string;
  readonly message: string;
  readonly expected: string;
}

interface Rule {
  /** The keys that it reads. */
  readonly paths: readonly string[];
  /** Where else to point when the file has none of them. */
  readonly anchors?: readonly string[];
  readonly check: (values: KeyValues) => Fault | null;
}

const number = (values: KeyValues, path: string) => values[path] as number;

const headsRule: Rule = {
  paths: ["model.width", "model.heads"],
  check(values) {
    const [width, heads] = [number(values, "model.width"), number(values, "model.heads")];
    const path = "model.heads";
    if (width % heads !== 0) {
      const message = `${heads} heads do not divide the width ${width}`;
      return { code: "model.heads-width", path, message, expected: suitableHeads(width, heads) };
    }
    if ((width / heads) % 2 === 0) return null;
    const message = `width ${width} over ${heads} heads gives heads of ${width / heads} dimensions, an odd number`;
    return {
      code: "model.odd-head-dim",
      path,
      message,
      expected: "an even number per head: rotary embedding turns pairs",
    };
  },
};

const kvHeadsRule: Rule = {
  paths: ["model.heads", "model.kv_heads"],
  check(values) {
    const [heads, kvHeads] = [number(values, "model.heads"), values["model.kv_heads"] as number | undefined];
    if (kvHeads === undefined || heads % kvHeads === 0) return null;
    const message = `${kvHeads} key/value heads do not divide the ${heads} heads`;
    return { code: "model.kv-heads", path: "model.kv_heads", message, expected: `a divisor of ${heads}` };
  },
};

const strideRule: Rule = {
  paths: ["data.protocol", "model.context"],
  check(values) {
    const [kind, stride] = String(values["data.protocol"]).split(":");
    const context = number(values, "model.context");
    if (kind !== "strided" || Number(stride) <= context) return null;
    const message = `a stride of ${stride} bytes is longer than the context of ${context}: bytes would be left out`;
    return {
      code: "data.stride-context",
      path: "data.protocol",
      message,
      expected: `strided:S with S at most ${context}`,
    };
  },
};

/** @param lastRungSteps the schedule's length where `schedule.steps` is absent; null when the file names no ladder */
function warmupRule(lastRungSteps: number | null): Rule {
  return {
    paths: ["schedule.warmup", "schedule.steps"],
    anchors: ["race.rungs", "race.ladder"],
    check(values) {
      const warmup = number(values, "schedule.warmup");
      const steps = (values["schedule.steps"] as number | undefined) ?? lastRungSteps;
      return steps === null ? null : warmupFault(warmup, steps);
    },
  };
}

/** A warm-up must leave at least one step of the schedule. */
export function warmupFault(warmup: number, steps: number): Fault | null {
  if (warmup < steps) return null;
  const message = `a warm-up of ${warmup} steps fills the whole schedule of ${steps}`;
  return { code: "schedule.warmup", path: "schedule.warmup", message, expected: `fewer than ${steps} steps` };
}

export interface ConstraintInput {
  /** Values of the fixed keys, defaults included, by dotted path. */
  readonly base: KeyValues;
  /** Keys whose value could not be read: rules about them are not tried. */
  readonly invalid: ReadonlySet<string>;
  /** With the values that the race's sampler can draw. */
  readonly space: readonly PlacedDimension[];
  readonly lastRungSteps: number | null;
  /** Where a key's value stands in the file. */
  readonly spanOf: (path: string) => Span | undefined;
}

/** More combinations than any sensible space has; found out before they are tried. */
const maxCombinations = 200_000;

export function checkConstraints(input: ConstraintInput, errors: ErrorList): void {
  for (const rule of [headsRule, kvHeadsRule, strideRule, warmupRule(input.lastRungSteps)]) {
    if (rule.paths.some((path) => input.invalid.has(path))) continue;
    const varied = input.space.filter(({ path }) => rule.paths.includes(path));
    const combinations = varied.reduce((product, { domain }) => product * (gridPoints(domain) ?? 1), 1);
    const at = place([...rule.paths, ...(rule.anchors ?? [])], varied, input);
    if (combinations > maxCombinations) {
      const message = `${rule.paths.join(" and ")} have ${combinations} combinations, too many to check`;
      errors.add("space.too-large", at(null), rule.paths.join(", "), message, { expected: "a choice of values" });
      continue;
    }
    for (let i = 0; i < combinations; i++) {
      const values = combination(i, varied, input.base);
      const fault = rule.check(values);
      if (fault === null) continue;
      errors.add(fault.code, at(fault.path), fault.path, fault.message, { expected: fault.expected });
      break;
    }
  }
}

function combination(index: number, varied: readonly PlacedDimension[], base: KeyValues): KeyValues {
  const values: Record<string, unknown> = { ...base };
  let rest = index;
  for (const { path, domain } of varied) {
    const points = gridPoints(domain) ?? 1;
    values[path] = gridValue(domain, rest % points);
    rest = Math.floor(rest / points);
  }
  return values;
}

/** The dimension that varies the faulty key; else the key; else whatever the rule reads and the file has. */
function place(paths: readonly string[], varied: readonly PlacedDimension[], { spanOf }: ConstraintInput) {
  return (fault: string | null): Span => {
    const order = fault === null ? paths : [fault, ...paths];
    const spans = order.map((path) => varied.find((dimension) => dimension.path === path)?.at ?? spanOf(path));
    return spans.find((span) => span !== undefined) ?? { line: 1, column: 1, endLine: 1, endColumn: 2 };
  };
}

/** Up to four divisors of `width` next to `heads` that leave an even number of dimensions per head. */
function suitableHeads(width: number, heads: number): string {
  if (width % 2 !== 0) return "an even width, and heads that divide it";
  const divisors: number[] = [];
  for (let d = 1; d <= width / 2; d++) if (width % d === 0 && (width / d) % 2 === 0) divisors.push(d);
  const near = divisors.sort((a, b) => Math.abs(a - heads) - Math.abs(b - heads)).slice(0, 4);
  return `a divisor of ${width}, such as ${near.sort((a, b) => a - b).join(", ")}`;
}
