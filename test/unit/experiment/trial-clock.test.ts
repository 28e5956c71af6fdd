/** How long trials took, from the log of their race. */
import { expect, it } from "vitest";
import { TrialClock } from "../../../daemon/experiment/trial-clock.ts";
import type { IglaEvent } from "../../../daemon/protocol/events.ts";

/** Seconds of trials after events `[kind, second, trials]`. */
function secondsOf(log: readonly (readonly [string, number, ...string[]])[]): Record<string, number> {
  const clock = new TrialClock();
  for (const [kind, second, ...trials] of log) {
    clock.hear({ kind, at: second * 1000, jobs: trials.map((trialId) => ({ trialId })) } as unknown as IglaEvent);
  }
  return Object.fromEntries(clock.seconds());
}

it("the time of a group is shared among its lanes; the first one begins when the corpus is read", () => {
  const log = [
    ["race-created", 0],
    ["race-state", 0],
    ["trainer", 1],
    ["group-started", 1, "a", "b"],
    ["group-info", 11],
    ["curve", 12],
    ["group-finished", 15],
    ["group-started", 15, "c"],
    ["group-finished", 19],
    ["race-state", 20],
  ] as const;
  expect(secondsOf(log)).toEqual({ a: 2, b: 2, c: 4 });
});

it("a trial that was taken out and put back has the sum of its groups", () => {
  const log = [
    ["group-started", 0, "a"],
    ["group-finished", 3],
    ["group-started", 100, "a"],
    ["group-finished", 102],
  ] as const;
  expect(secondsOf(log)).toEqual({ a: 5 });
});

it.each(["trainer", "race-state"])(
  "a group with %s in it was interrupted: the night between is no training",
  (kind) => {
    const log = [
      ["group-started", 0, "a", "b"],
      ["group-info", 1],
      [kind, 40_000],
      ["group-finished", 40_002],
      ["group-started", 40_003, "c"],
      ["group-finished", 40_005],
    ] as const;
    expect(secondsOf(log)).toEqual({ c: 2 });
  },
);

it("a clock that was set back, a group that never ended", () => {
  const log = [
    ["group-started", 100, "a"],
    ["group-finished", 50],
    ["group-started", 61, "c"],
  ] as const;
  expect(secondsOf(log)).toEqual({ a: 0 });
});
