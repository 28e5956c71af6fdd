/** Gates as tests of the Test Explorer: their names, and what the suite's document says of each. */
import { describe, expect, test } from "vitest";
import { allGates } from "../../daemon/evidence/gates/all.ts";
import { gateTitles } from "../../daemon/protocol/gates.ts";
import { gateIds, gateLabel, resultOfGate, resultWithoutSuite } from "../../extension/levers/gate-tests-model.ts";
import { english } from "../../extension/translate.ts";
import { suiteCase, suiteDocument } from "../fixtures/suite-document.ts";

test("the names that the editor knows are those of the gates, in their order", () => {
  expect(Object.entries(gateTitles)).toEqual(allGates.map(({ id, title }) => [id, title]));
  expect(gateIds.map((id) => gateLabel(id, english))).toEqual(allGates.map(({ id, title }) => `${id}: ${title}`));
});

test("titles are told in the user's language", () => {
  expect(gateLabel("leak", (text) => `<${text}>`)).toBe("leak: <Evaluation text does not occur in train>");
});

describe("results of gates", () => {
  const resultOf = (...rows: Parameters<typeof suiteCase>[]) =>
    resultOfGate(suiteDocument({ leak: rows.map((row) => suiteCase(...row)) }), "leak", english);

  test("passed: every plant is caught, every clean input without an alarm", () => {
    const result = resultOf(["leak", "plant"], ["leak", "plant", { verdict: "review" }], ["leak", "clean"]);
    expect(result).toMatchObject({
      state: "passed",
      description: "plants caught: 2, clean inputs without an alarm: 1",
      message: "",
    });
    expect(result.output).toEqual([
      "Plant caught: a plant. Measured 2, bound 1.",
      "Plant caught: a plant. Measured 2, bound 1.",
      "No alarm at a clean input: a clean. Measured 2, bound 1.",
    ]);
  });

  test("failed: a plant was missed, and the message says which", () => {
    const missed = { title: "a copied text", ok: false, verdict: "pass" } as const;
    const result = resultOf(["leak", "plant"], ["leak", "plant", missed], ["leak", "clean"]);
    expect(result).toMatchObject({ state: "failed", description: "plants missed: 1" });
    expect(result.message).toBe("Plant missed: a copied text\\. Measured 2, bound 1\\.");
  });

  test("failed: an alarm for another reason has caught nothing", () => {
    const result = resultOf(["leak", "plant", { ok: false, verdict: "fail" }], ["leak", "clean"]);
    expect(result.state).toBe("failed");
    expect(result.message).toContain("Plant missed, the alarm has another reason: a plant");
  });

  test("failed: an alarm at a clean input, beside a missed plant and one that could not be made", () => {
    const result = resultOf(
      ["leak", "plant", { ok: false, verdict: "not-applicable" }],
      ["leak", "plant", { ok: false, verdict: "error", title: "broken" }],
      ["leak", "clean", { ok: false, verdict: "fail" }],
    );
    expect(result).toMatchObject({ state: "failed", description: "plants missed: 1 \u00b7 false alarms: 1" });
    expect(result.message.split("\n\n").map((part) => part.split(":")[0])).toEqual([
      "Plant missed",
      "Could not be tried",
      "Alarm at a clean input",
    ]);
  });

  test("errored: an input could not be made, or there was none of a kind", () => {
    const broken = { ok: false, verdict: "error", reason: "No <memory>." } as const;
    expect(resultOf(["leak", "plant", broken], ["leak", "clean"])).toMatchObject({
      state: "errored",
      description: "could not be run",
      message: "Could not be tried: a plant\\. No \\<memory\\>\\.",
    });
    expect(resultOf(["leak", "plant"]).message).toBe("The suite had no clean input for this gate\\.");
    expect(resultOf(["leak", "clean"]).message).toBe("The suite had no planted violation for this gate\\.");
    expect(resultOf()).toMatchObject({ state: "errored", output: [] });
  });

  test("are of the gate's own inputs only", () => {
    const document = suiteDocument({ leak: [suiteCase("leak", "plant", { ok: false, verdict: "pass" })] });
    const states = gateIds.map((gate) => [gate, resultOfGate(document, gate, english).state]);
    expect(states.filter(([, state]) => state !== "passed")).toEqual([["leak", "failed"]]);
  });

  test("skipped: the suite was not run yet, or stopped before its end", () => {
    expect(resultWithoutSuite("not-run", english)).toMatchObject({ state: "skipped", description: "not run yet" });
    expect(resultWithoutSuite("stopped", english)).toMatchObject({ state: "skipped", description: "stopped" });
  });
});
