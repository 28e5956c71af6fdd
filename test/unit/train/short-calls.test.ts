import { describe, expect, it } from "vitest";
import { ShortCalls } from "../../../daemon/train/short-calls.ts";

/** Runs `total` units that take `unitMs` each on a clock of its own. */
async function run(total: number, unitMs: number) {
  let clock = 0;
  let alive = 0;
  const counts: number[] = [];
  const calls = new ShortCalls(
    () => clock,
    () => alive++,
  );
  await calls.run(total, async (count) => {
    counts.push(count);
    clock += count * unitMs;
  });
  return { counts, alive };
}

describe("short calls", () => {
  it("do all units, and say after each call that work gets on", async () => {
    for (const [total, unitMs] of [
      [1, 0],
      [300, 0.1],
      [300, 40],
      [40, 30_000],
    ] as const) {
      const { counts, alive } = await run(total, unitMs);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
      expect(alive).toBe(counts.length);
    }
  });

  it("are few for fast work and short for slow work", async () => {
    expect((await run(256, 0.1)).counts).toEqual([16, 240]);
    expect((await run(40, 30_000)).counts.slice(1)).toEqual(Array(24).fill(1));
    expect((await run(100, 1000)).counts.slice(1, -1).every((count) => count === 5)).toBe(true);
  });
});
