/** The status bar tells the one thing that matters now. */
import { expect, test } from "vitest";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { ConnectionStatus } from "../../extension/connection/connection.ts";
import { raceInFocus, statusText } from "../../extension/features/status-text.ts";
import { english } from "../../extension/translate.ts";
import {
  groupRows,
  type LeaderboardRow,
  standingDescription,
  standingLabel,
} from "../../extension/views/leaderboard-model.ts";
import { raceState } from "../fixtures/race-states.ts";

const connected: ConnectionStatus = { kind: "connected", pid: 1 };
const races = (...list: RaceState[]) => new Map(list.map((race) => [race.raceId, race]));
const text = (status: ConnectionStatus, ...list: RaceState[]) => statusText(status, races(...list), english);

test("what is wrong outweighs what trains", () => {
  const running = raceState([]);
  expect(text({ kind: "lost", reason: "x" }, running)).toEqual({
    text: "$(sync) Igla: reconnecting",
    spoken: "Igla: reconnecting",
    tone: "warning",
  });
  const failed = { kind: "failed", code: "c", message: "m", action: "a" } as const;
  expect(text(failed, running)).toMatchObject({ spoken: "Igla: no daemon", tone: "error" });
  expect(text({ kind: "connecting" })).toMatchObject({ spoken: "Igla: starting", tone: "normal" });
});

test("a running race tells its best and its speed, and that its trainer died", () => {
  const best = { trialId: "r1-t0000", valBpb: 2.1834, step: 100 };
  const race = raceState([], { best, speed: { tokensPerSec: 41_200, stepsPerSec: 1 } });
  expect(text(connected, race).spoken).toBe("Igla: demo - 2.183 BPB - 41k tok/s");
  const trainer = { status: "exited", pid: null, failures: 1, detail: "device lost" } as const;
  expect(text(connected, { ...race, trainer })).toMatchObject({ tone: "warning" });
  expect(text(connected, { ...race, status: "finished" }).spoken).toBe("Igla: demo - 2.183 BPB");
  expect(text(connected, { ...race, status: "failed" })).toMatchObject({
    spoken: "Igla: demo failed",
    tone: "warning",
  });
  expect(text({ kind: "idle" }).spoken).toBe("Igla");
});

test("the race in focus is the one that trains, else the one that changed last", () => {
  const [a, b] = [
    raceState([], { raceId: "a", updatedAt: 5 }),
    raceState([], { raceId: "b", updatedAt: 9, status: "paused" }),
  ];
  expect(raceInFocus(races(a, b))?.raceId).toBe("a");
  expect(raceInFocus(races({ ...a, status: "finished" }, b))?.raceId).toBe("b");
  // An experiment's race is worth a line while it trains only.
  const ofExperiment = { ...b, name: "falsify relu2 0123abcd look 1", updatedAt: b.updatedAt + 1 };
  expect(raceInFocus(races({ ...a, status: "finished" }, { ...ofExperiment, status: "finished" }))?.raceId).toBe("a");
  expect(raceInFocus(races({ ...ofExperiment, status: "running" }))?.raceId).toBe("b");
  expect(raceInFocus(races())).toBeNull();
});

test("the leaderboard never ranks numbers together that were measured differently", () => {
  const corpus = { name: "c", sha256: "0123456789abcdef", bytes: 1, tag: "ascii" as const, origin: "cache" };
  const row = (trialId: string, valBpb: number, changes: Partial<LeaderboardRow> = {}): LeaderboardRow => ({
    rank: 1,
    trialId,
    raceId: "r1",
    status: "paused",
    point: { "optimizer.lr": 0.003 },
    seed: 43,
    rung: 0,
    step: 100,
    valBpb,
    protocol: "chunked",
    split: "three-way",
    corpus,
    penalised: false,
    ...changes,
  });
  const groups = groupRows(
    [
      row("a", 1.9),
      row("b", 2, { protocol: "strided:8" }),
      row("c", 2.1, { rank: 2 }),
      row("d", 2.2, { corpus: null }),
    ],
    english,
  );
  expect(groups.map(({ label, rows }) => [label, rows.map(({ row: { trialId } }) => trialId)])).toEqual([
    ["c 0123456789ab ascii - three-way - chunked", ["a", "c"]],
    ["c 0123456789ab ascii - three-way - strided:8", ["b"]],
    ["unknown text - three-way - chunked", ["d"]],
  ]);
  const [standing] = groups[0]?.rows ?? [];
  if (standing === undefined) throw new Error("no standing");
  expect(standingLabel(standing, english)).toBe("1. 1.900 BPB");
  expect(standingDescription(standing, english)).toBe("a - step 100 - seed 43 - lr 0.003");
  const penalised = { ...standing, row: row("a", 1.9, { penalised: true }) };
  expect(standingDescription(penalised, english)).toBe("a - step 100 - seed 43 - lr 0.003 - penalised");
});
