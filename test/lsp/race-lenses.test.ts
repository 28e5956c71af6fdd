import { describe, expect, test } from "vitest";
import { emptyRace, type RaceState } from "../../daemon/protocol/state.ts";
import { lensesOf, raceOf } from "../../extension/features/race-lenses.ts";
import { english } from "../../extension/translate.ts";

function race(overrides: Partial<RaceState>): RaceState {
  return { ...emptyRace("r1"), path: "/w/a.igla.toml", ...overrides };
}
const titles = (state: RaceState | null, canStart = true) =>
  lensesOf(state, canStart, english).map(({ title, command }) => `${command.slice(5)}: ${title}`);

describe("lenses over a race file", () => {
  test("offer to start what has not been started", () => {
    expect(titles(null)).toEqual(["startRace: $(play) Start race", "startSeed: Start seed"]);
  });
  test("show best BPB and step of a race that runs, and do not start it twice", () => {
    const running = race({
      status: "running",
      best: { trialId: "r1-t0001", valBpb: 2.18349, step: 3000 },
      trainedSteps: 41_000,
    });
    expect(titles(running)).toEqual([
      "startSeed: Start seed",
      "openChart: $(pulse) running · best 2.183 BPB at step 3000 · 41000 steps trained",
    ]);
  });
  test("continue a paused race, repeat a finished one", () => {
    expect(titles(race({ status: "paused" }))[0]).toBe("startRace: $(play) Continue race");
    expect(titles(race({ status: "failed" }))[0]).toBe("startRace: $(play) Continue race");
    expect(titles(race({ status: "finished" }))).toEqual([
      "startRace: $(play) Start race",
      "startSeed: Start seed",
      "openChart: $(graph-line) finished · 0 steps trained",
    ]);
  });
  test("start nothing in a folder that is not trusted", () => {
    expect(titles(null, false)).toEqual([]);
    expect(titles(race({ status: "paused" }), false)).toEqual(["openChart: $(graph-line) paused · 0 steps trained"]);
  });
  test("follow the newest race of the file", () => {
    const races = [
      race({ raceId: "r1", createdAt: 1 }),
      race({ raceId: "r2", createdAt: 2 }),
      race({ raceId: "r3", createdAt: 3, path: "/w/b.igla.toml" }),
    ];
    const byId = new Map(races.map((state) => [state.raceId, state]));
    expect(raceOf("/w/a.igla.toml", byId)?.raceId).toBe("r2");
    expect(raceOf("/w/c.igla.toml", byId)).toBeNull();
  });
});
