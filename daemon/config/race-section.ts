/** `[race]`: the ladder, INV-2's rule, and what is left to decide once the space is known. */
import {
  type Ladder,
  type LadderRung,
  ladderIssues,
  type PresetName,
  parseKeep,
  presetIssues,
  presetLadder,
} from "../search/ladder.ts";
import { type PruneRule, pruneIssues } from "../search/prune.ts";
import type { CheckedTable } from "./check-table.ts";
import type { ErrorList, Span } from "./config-error.ts";
import type { TomlArray, TomlTable } from "./toml-tree.ts";

/** The ladder of a race, or undefined after a report. */
export function readLadder(race: CheckedTable, table: TomlTable | undefined, errors: ErrorList): Ladder | undefined {
  if (race.invalid.has("ladder") || race.invalid.has("rungs")) return undefined;
  const preset = race.values.ladder as PresetName | undefined;
  const written = race.values.rungs as readonly { steps: number; keep?: string }[] | undefined;
  const node = table?.entries.get("rungs")?.value;
  if (written === undefined || node?.kind !== "array") return presetLadder(preset ?? "trinity");
  const rungs = readRungs(written, node, errors);
  if (rungs === undefined) return undefined;
  if (preset === undefined) return { name: "explicit", rungs };
  const [issue] = presetIssues(preset, rungs);
  if (issue === undefined) return presetLadder(preset);
  errors.add("race.breaks-preset", rungSpan(node, issue.rung), "race.rungs", issue.message, {
    expected: `the rungs of ${preset}, or no ladder key for a ladder of your own`,
  });
  return undefined;
}

function readRungs(
  written: readonly { steps: number; keep?: string }[],
  node: TomlArray,
  errors: ErrorList,
): LadderRung[] | undefined {
  const before = errors.count;
  const rungs = written.map(({ steps, keep }, i) => {
    const fraction = keep === undefined ? null : parseKeep(keep);
    if (keep !== undefined && fraction === null) {
      const message = `race.rungs[${i}].keep cannot be ${JSON.stringify(keep)}`;
      const expected = 'a fraction above 0 and at most 1, such as "1/3"';
      errors.add("config.out-of-range", rungSpan(node, i, "keep"), `race.rungs[${i}].keep`, message, { expected });
    }
    return { steps, keep: fraction };
  });
  if (errors.count > before) return undefined;
  for (const { code, rung, message } of ladderIssues(rungs)) {
    const key = code === "ladder.keep-on-last" ? "keep" : code === "ladder.keep-missing" ? undefined : "steps";
    errors.add("race.ladder", rungSpan(node, rung, key), "race.rungs", message, {
      expected: "steps that increase from rung to rung, and keep on every rung but the last",
    });
  }
  return errors.count > before ? undefined : rungs;
}

function rungSpan(node: TomlArray, rung: number | null, key?: string): Span {
  const item = rung === null ? undefined : node.items[rung];
  const inner = item?.kind === "table" && key !== undefined ? item.entries.get(key)?.value : undefined;
  return (inner ?? item ?? node).at;
}

/** A budget that ends before the first rung would measure nothing; null: it reaches it. */
export function budgetFault({ rungs: [first] }: Ladder, steps: number): { message: string; expected: string } | null {
  if (first === undefined || steps >= first.steps) return null;
  const message = `a budget of ${steps} steps ends before the first rung, at ${first.steps}: no trial would be trained`;
  return { message, expected: `at least ${first.steps}, and as many again for each further trial that is to start` };
}

export function checkBudget(
  race: CheckedTable,
  table: TomlTable | undefined,
  ladder: Ladder | undefined,
  errors: ErrorList,
): void {
  const at = table?.entries.get("budget_steps")?.value.at;
  if (at === undefined || ladder === undefined || race.invalid.has("budget_steps")) return;
  const fault = budgetFault(ladder, race.values.budget_steps as number);
  if (fault !== null) errors.add("race.small-budget", at, "race.budget_steps", fault.message, fault);
}

/** INV-2's rule; what it refuses is reported. */
export function readPruneRule(race: CheckedTable, table: TomlTable | undefined, errors: ErrorList): PruneRule {
  const rule = {
    thresholdBpb: race.values.prune_above_bpb as number,
    warmupSteps: race.values.prune_after_steps as number,
  };
  const keys = { "prune.threshold-too-low": "prune_above_bpb", "prune.warmup-too-short": "prune_after_steps" } as const;
  const least = { "prune.threshold-too-low": "at least 3.5", "prune.warmup-too-short": "at least 4000" } as const;
  for (const { code, message } of pruneIssues(rule)) {
    const at = table?.entries.get(keys[code])?.value.at;
    // An unreadable value has its own report.
    if (at === undefined || race.invalid.has(keys[code])) continue;
    errors.add("race.prune-refused", at, `race.${keys[code]}`, message, { expected: least[code] });
  }
  return rule;
}

/** The seeds that each configuration is trained with. */
export function readSeeds(race: CheckedTable, table: TomlTable | undefined, errors: ErrorList): readonly number[] {
  const seeds = (race.values.seeds as readonly number[] | undefined) ?? [race.values.seed as number];
  const node = table?.entries.get("seeds")?.value;
  seeds.forEach((seed, i) => {
    if (seeds.indexOf(seed) === i || node?.kind !== "array") return;
    const at = node.items[i]?.at ?? node.at;
    const message = `the seed ${seed} stands here twice: the same trial would be run again`;
    errors.add("config.invalid-value", at, "race.seeds", message, { expected: "different seeds" });
  });
  return seeds;
}
