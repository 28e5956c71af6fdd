/** What the editor asks of the daemon beside the command line: a starter file, taking up a race, a trial's decisions. */
import { afterEach, expect, test } from "vitest";
import { parseRaceFile } from "../../daemon/config/parse.ts";
import { type Machine, starterFor } from "../../daemon/config/starter.ts";
import { levers } from "../../daemon/levers/registry.ts";
import { pauseRace, snapshotRace, starterRace, startRace, trialDecisions } from "../../daemon/protocol/requests.ts";
import { type DaemonBench, follow, isDone, openDaemon, raceFile } from "../fixtures/daemon-bench.ts";

let bench: DaemonBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

test.each<Machine>(["cpu", "gpu"])("the starter file for a %s is valid and names the text", (machine) => {
  for (const corpus of ["tinyshakespeare", 'a "quoted" \\ path\u007f.txt', "тексты/моби дик.txt"]) {
    const parsed = parseRaceFile(starterFor(machine, corpus), "race.igla.toml", levers);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    expect(parsed.config.base.data.corpus).toBe(corpus);
    expect(parsed.config.base.model.width).toBe(machine === "gpu" ? 128 : 64);
    expect(parsed.config.maxTrials).toBe(machine === "gpu" ? 27 : 9);
  }
});

test("the daemon hands out the starter file for its backend", async () => {
  bench = await openDaemon({ backend: "cpu" });
  const { configText, machine } = await bench.client.request(starterRace, { corpus: "notes.txt" });
  expect(machine).toBe("cpu");
  expect(configText).toBe(starterFor("cpu", "notes.txt"));
});

test("a start that takes up goes on with the unfinished race of the same meaning, and only with that", async () => {
  bench = await openDaemon({ trainerEnv: { FAKE_CHUNK_MS: "50" } });
  const { client } = bench;
  const path = "one.igla.toml";
  const start = (configText: string, more = {}) =>
    client.request(startRace, { configText, path, takeUp: true, ...more });
  const first = await start(raceFile());
  expect(first.isNew).toBe(true);
  await client.request(pauseRace, { raceId: first.raceId });
  // A comment changes the text, not the meaning.
  expect(await start(`${raceFile()}\n# a remark`)).toMatchObject({ raceId: first.raceId, isNew: false });
  const { state } = await client.request(snapshotRace, { raceId: first.raceId });
  expect(["queued", "running"]).toContain(state.status);
  expect((await start(raceFile({ maxTrials: 8 }))).isNew).toBe(true);
  expect((await start(raceFile(), { budgetSteps: 1000 })).isNew).toBe(true);
  expect((await start(raceFile(), { path: "two.igla.toml" })).isNew).toBe(true);
  expect((await start(raceFile(), { takeUp: false })).isNew).toBe(true);
});

test("decisions about a trial come with rule and inputs, and belong to it alone", async () => {
  bench = await openDaemon();
  const raceId = await bench.start();
  const follower = await follow(bench.client, raceId);
  const state = await follower.until(isDone);
  const trialId = state.best?.trialId ?? "";
  const { decisions, spec } = await bench.client.request(trialDecisions, { trialId });
  expect(decisions.map(({ action }) => action)).toEqual(expect.arrayContaining(["start", "promote"]));
  const logged = follower.events.filter((event) => event.kind === "decision" && event.trialId === trialId);
  expect(decisions.map(({ seq }) => seq)).toEqual(logged.map(({ seq }) => seq));
  expect(Object.keys(decisions.at(-1)?.inputs ?? {}).length).toBeGreaterThan(0);
  expect(spec.seed).toBe(state.trials[trialId]?.seed);
  await expect(bench.client.request(trialDecisions, { trialId: "r1-t9999" })).rejects.toMatchObject({
    code: "trial.not-found",
  });
});
