/** V5: a grid of phi-resonant values may restrict the search only where no past optimum lies outside of it. */
import { defineGate, judged, unmeasured } from "./gate.ts";

export interface GridInput {
  readonly past: readonly {
    readonly id: string;
    readonly bpb: number;
    readonly values: Readonly<Record<string, number>>;
  }[];
  /** Allowed values of each restricted key. */
  readonly grid: Readonly<Record<string, readonly number[]>>;
}

const topShare = 0.1;
/** Values that differ by less are the same number, written twice. */
const sameValue = 1e-9;

/** The best tenth, at least one; all that share the last place are in it. */
function topOf(past: GridInput["past"]): GridInput["past"] {
  const sorted = past.toSorted((a, b) => a.bpb - b.bpb);
  const last = sorted[Math.ceil(topShare * sorted.length) - 1]?.bpb ?? Number.NaN;
  return sorted.filter(({ bpb }) => bpb <= last);
}

export const phiGridGate = defineGate<GridInput>("V5", "Phi grid keeps past optima", ({ past, grid }) => {
  const results = past.filter(({ bpb }) => Number.isFinite(bpb));
  if (results.length === 0) return unmeasured("No past configuration has a result.", 0);
  const isOn = (key: string, value: number) =>
    (grid[key] ?? []).some((allowed) => Math.abs(allowed - value) <= sameValue * Math.abs(allowed));
  const top = topOf(results);
  const excluded = top.flatMap(({ id, values }) => {
    // A past configuration that does not say the key cannot be said to be on the grid.
    const key = Object.keys(grid).find((one) => !isOn(one, values[one] ?? Number.NaN));
    return key === undefined ? [] : [`${id} with ${key} ${values[key] ?? "unknown"}`];
  });
  const which = excluded.length === 0 ? "" : `: ${excluded.slice(0, 3).join(", ")}`;
  const reason = `The grid excludes ${excluded.length} of the best ${top.length} of ${results.length} past configurations${which}; allowed is 0.`;
  return judged(excluded.length === 0, reason, excluded.length, 0);
});
