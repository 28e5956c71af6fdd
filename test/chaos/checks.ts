/** What must hold for a race that was killed again and again. */
import { expect } from "vitest";
import type { EventOf, IglaEvent } from "../../daemon/protocol/events.ts";
import { reduce } from "../../daemon/protocol/reduce.ts";
import { emptyRace } from "../../daemon/protocol/state.ts";
import { planRace } from "../../daemon/race/config-plan.ts";
import { searchLog } from "../../daemon/race/search-log.ts";
import { replay } from "../../daemon/search/replay.ts";
import type { RaceRecord } from "./driver.ts";

const ofKind = <K extends IglaEvent["kind"]>(log: readonly IglaEvent[], kind: K): EventOf<K>[] =>
  log.filter((event): event is EventOf<K> => event.kind === kind);

export function expectIntactLog({ log, heard, state }: RaceRecord): void {
  expect(log.map((event) => event.seq)).toEqual(log.map((_, i) => i + 1));
  // The client missed nothing, heard nothing twice, and nothing that it heard was lost.
  expect(heard).toEqual(log.slice(0, heard.length));
  expect(heard.length).toBe(state.seq);
  expect(log.reduce(reduce, emptyRace(state.raceId)).status).toBe("finished");
  const points = ofKind(log, "curve").flatMap((event) => event.points.map(({ trialId, step }) => `${trialId}@${step}`));
  expect(new Set(points).size).toBe(points.length);
  const results = ofKind(log, "rung-result").map(({ trialId, rung }) => `${trialId}@${rung}`);
  expect(new Set(results).size).toBe(results.length);
}

export function expectReplayable({ log }: RaceRecord, configText: string): void {
  const { rules } = planRace(configText, "chaos.igla.toml", null);
  const report = replay(rules, searchLog(log), true);
  expect(report.violations).toEqual([]);
  expect(report.started).toBeGreaterThan(1);
}

/** Decisions with their inputs, results with their values, in order. */
function courseOf(log: readonly IglaEvent[]): unknown[] {
  return log.flatMap((event): unknown[] => {
    if (event.kind === "decision") {
      const { action, trialId, rung, rule, inputs } = event;
      return [{ action, trialId, rung, rule, inputs }];
    }
    if (event.kind === "rung-result") {
      const { trialId, rung, step, arrival, outcome } = event;
      return [{ trialId, rung, step, arrival, outcome }];
    }
    if (event.kind === "group-started") return [{ groupId: event.groupId, jobs: event.jobs }];
    return [];
  });
}

export function expectSameRace(peaceful: RaceRecord, killed: RaceRecord): void {
  expect(ofKind(killed.log, "replay-mismatch")).toEqual([]);
  expect([...killed.curves]).toEqual([...peaceful.curves]);
  expect(courseOf(killed.log)).toEqual(courseOf(peaceful.log));
}
