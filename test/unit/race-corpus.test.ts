/** A race is bound to the text that its client found and showed. */
import { afterEach, describe, expect, test } from "vitest";
import type { CorpusPin } from "../../daemon/protocol/events.ts";
import { fakeRace, isOver, temporaryFolder } from "../fixtures/race-bench.ts";
import { Benches, racePath } from "../fixtures/race-outcome.ts";

const benches = new Benches();
afterEach(() => benches.closeAll());

const pin = (digits: string): CorpusPin => ({
  path: "/data/tinyshakespeare.txt",
  sha256: digits.repeat(32),
  name: "tinyshakespeare",
  origin: "IGLA_DATA",
});
const slow = { FAKE_CHUNK_MS: "20" };

describe("the corpus that the client found", () => {
  test("stands in the log, reaches every trainer, and is still there after a restart", async () => {
    const folder = temporaryFolder();
    const first = await benches.open({ folder, env: slow });
    await first.manager.start(fakeRace(), racePath, null, pin("ab"));
    await first.until((state) => state.resultCount > 0);
    expect((await first.events())[0]).toMatchObject({ kind: "race-created", corpus: pin("ab") });
    await benches.abandon(first);
    const second = await benches.open({ folder });
    expect(second.store.state("r1").corpusPin).toEqual(pin("ab"));
    second.manager.resumeAll();
    const state = await second.until(isOver);
    expect(state.status).toBe("finished");
    expect(state.corpus).toMatchObject({ name: "tinyshakespeare", sha256: pin("ab").sha256, origin: "IGLA_DATA" });
  });

  test("a trainer that reads another text fails the race before its first result", async () => {
    const bench = await benches.open({ env: { FAKE_CORPUS: "d1".repeat(32) } });
    await bench.manager.start(fakeRace(), racePath, null, pin("ab"));
    expect(await bench.until(isOver)).toMatchObject({ status: "failed", rule: "corpus.changed", resultCount: 0 });
  });

  test("without it the first group binds the race", async () => {
    const bench = await benches.open();
    await bench.manager.start(fakeRace(), racePath, null);
    const state = await bench.until(isOver);
    expect(state).toMatchObject({ status: "finished", corpusPin: null, corpus: { sha256: "c0".repeat(32) } });
  });

  test("an unfinished race on another text is not taken up", async () => {
    const bench = await benches.open({ env: slow });
    const race = fakeRace({ maxTrials: 60 });
    await bench.manager.start(race, racePath, null, pin("ab"));
    const takeUp = async (corpus: CorpusPin | null) =>
      (await bench.manager.takeUp(race, racePath, null, corpus))?.raceId;
    expect(await takeUp(pin("ab"))).toBe("r1");
    expect(await takeUp({ ...pin("ab"), path: "/elsewhere/copy.txt", origin: "cache" })).toBe("r1");
    expect(await takeUp(null)).toBe("r1");
    expect(await takeUp(pin("cd"))).toBeUndefined();
  });

  test("a race whose text nobody knows yet is not taken up with a text", async () => {
    const bench = await benches.open({ env: slow });
    const race = fakeRace({ maxTrials: 60 });
    await bench.manager.start(race, racePath, null);
    expect(await bench.manager.takeUp(race, racePath, null, pin("c0"))).toBeNull();
    await bench.until((state) => state.corpus !== null);
    expect((await bench.manager.takeUp(race, racePath, null, pin("c0")))?.raceId).toBe("r1");
  });
});
