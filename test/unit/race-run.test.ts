import { afterEach, describe, expect, test } from "vitest";
import { type Bench, fakeRace, isOver, openBench } from "../fixtures/race-bench.ts";

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

describe("a race on the fake trainer", () => {
  test("runs to the end", async () => {
    bench = await openBench();
    await bench.manager.start(fakeRace(), "/x/fake.igla.toml", null);
    const state = await bench.until(isOver);
    expect(state.status).toBe("finished");
  });
});
