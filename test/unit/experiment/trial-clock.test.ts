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

it("the time of a group is shared among its lanes; building its program is left out", () => {
  const log = [
    ["race-created", 0],
    ["group-started", 1, "a", "b"],
    ["group-info", 11],
    ["curve", 12],
    ["group-finished", 15],
    ["group-started", 15, "c"],
    ["group-info", 16],
    ["group-finished", 19],
  ] as const;
  expect(secondsOf(log)).toEqual({ a: 2, b: 2, c: 3 });
});

it("a trial that was paused has the sum of its groups", () => {
  const log = [
    ["group-started", 0, "a"],
    ["group-info", 1],
    ["group-finished", 3],
    ["group-started", 100, "a"],
    ["group-info", 101],
    ["group-finished", 102],
  ] as const;
  expect(secondsOf(log)).toEqual({ a: 3 });
});

it("a group that was begun again after a crash tells nothing, and the night between is no training", () => {
  const log = [
    ["group-started", 0, "a", "b"],
    ["group-info", 1],
    ["group-info", 40_000],
    ["group-finished", 40_002],
    ["group-started", 40_003, "c"],
    ["group-info", 40_004],
    ["group-finished", 40_005],
  ] as const;
  expect(secondsOf(log)).toEqual({ c: 1 });
});

it("a clock that was set back, a group that never came to train, one that was stopped", () => {
  const log = [
    ["group-started", 100, "a"],
    ["group-info", 101],
    ["group-finished", 50],
    ["group-started", 51, "b"],
    ["group-finished", 60],
    ["group-started", 61, "c"],
    ["group-info", 62],
  ] as const;
  expect(secondsOf(log)).toEqual({ a: 0 });
});
