/** The catalogue of levers as clients see it. */
import type { Lever } from "../levers/lever.ts";
import type { LeverEntry } from "../protocol/experiments.ts";

export function leverEntries(catalogue: ReadonlyMap<string, Lever>): LeverEntry[] {
  return [...catalogue.values()].map(({ id, title, hypothesis, source, claimedDeltaBpb, falsifier, group }) => {
    return { id, title, hypothesis, source, claimedDeltaBpb, falsifier, group: group ?? null };
  });
}
