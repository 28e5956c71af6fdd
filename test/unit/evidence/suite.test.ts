/** What fails the suite, apart from the gates: gaps, wrong reasons, inputs that cannot be made. */
import { describe, expect, it } from "vitest";
import { defineGate } from "../../../daemon/evidence/gates/gate.ts";
import { clean, leastClean, plant, runSuite } from "../../../daemon/evidence/suite/suite.ts";

/** Alarms above 1; of no number it knows nothing. */
const gate = defineGate<number>("limit", "At most 1", (x) => {
  if (Number.isNaN(x)) return { verdict: "not-applicable", reason: "There is no number.", measured: null, bound: 1 };
  return { verdict: x > 1 ? "fail" : "pass", reason: `It is ${x}; at most 1 is allowed.`, measured: x, bound: 1 };
});
const caught = plant(gate, "2", /It is 2/, () => 2);
const quiet = Array.from({ length: leastClean }, () => clean(gate, "1", () => 1));
const run = (...cases: Parameters<typeof runSuite>[1]) => runSuite([gate], cases);

describe("the runner of the suite", () => {
  it("holds when every plant is caught and twenty clean inputs are quiet", async () => {
    expect(await run(caught, ...quiet)).toMatchObject({ ok: true, plants: 1, clean: leastClean, gaps: [] });
  });
  it.each([
    ["a plant that passes", plant(gate, "0", /It is 0/, () => 0)],
    ["a plant that is caught for another reason", plant(gate, "2", /too large/, () => 2)],
    ["a plant to which the gate does not apply", plant(gate, "none", /no number/, () => Number.NaN)],
    [
      "a plant that cannot be made",
      plant(gate, "none", /./, () => {
        throw new RangeError("no text");
      }),
    ],
  ])("%s is missed", async (_, one) => {
    expect(await run(caught, one, ...quiet)).toMatchObject({ ok: false, missed: 1, falseAlarms: 0 });
  });
  it.each([
    ["a clean input that alarms", clean(gate, "2", () => 2)],
    ["a clean input to which the gate does not apply", clean(gate, "none", () => Number.NaN)],
    ["a clean input that cannot be made", clean(gate, "none", () => Promise.reject(new Error("gone")))],
  ])("%s is a false alarm", async (_, one) => {
    expect(await run(caught, one, ...quiet)).toMatchObject({ ok: false, missed: 0, falseAlarms: 1 });
  });
  it("a gate without a plant or a clean input, too few clean ones, and a case of no gate are gaps", async () => {
    expect((await run(...quiet)).gaps).toEqual(["Gate limit has no planted violation."]);
    expect((await run(caught)).gaps).toEqual([
      "Gate limit has no clean input.",
      "There are 0 clean inputs; at least 20 are needed.",
    ]);
    const stranger = { ...caught, gate: "other" };
    expect(await run(stranger, caught, ...quiet)).toMatchObject({
      ok: false,
      missed: 1,
      gaps: ["No gate is called other."],
    });
  });
});
