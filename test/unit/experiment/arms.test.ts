/** The two arms of an experiment. */
import { describe, expect, it } from "vitest";
import { armHash, armSpec, armsOf } from "../../../daemon/config/arms.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import { IglaError } from "../../../daemon/protocol/errors.ts";
import { configOf, raceFileOf } from "./support.ts";

const arms = (more: string, lever: string) => armsOf(configOf(raceFileOf(more)), lever, levers);
const refusal = (more: string, lever: string): IglaError => {
  try {
    arms(more, lever);
  } catch (error) {
    if (error instanceof IglaError) return error;
    throw error;
  }
  throw new Error("it was not refused");
};

describe("arms", () => {
  it("differ by the lever and by nothing else", () => {
    for (const id of levers.keys()) {
      const { off, on, settings } = arms("", id);
      expect(off.levers).toEqual({});
      expect(on).toEqual({ ...off, levers: { [id]: settings } });
      expect(armHash(on)).not.toBe(armHash(off));
    }
  });
  it("a lever that the file switches on is off in one arm, with its settings in the other; the rest stays", () => {
    const { off, on } = arms("[levers.softcap]\ncap = 30\n[levers.ema]\ndecay = 0.9", "softcap");
    expect(off.levers).toEqual({ ema: { decay: 0.9 } });
    expect(on.levers).toEqual({ ema: { decay: 0.9 }, softcap: { cap: 30 } });
    expect(armHash(off)).toBe(armHash(arms("[levers.ema]\ndecay = 0.9", "softcap").off));
  });
  it("the space of the file plays no part, but for the settings beside it", () => {
    const space = '[space."levers.softcap"]\nchoice = [false, { cap = 9 }]\n[space."optimizer.lr"]\nlog = [0.001, 0.1]';
    expect(arms(space, "softcap").settings).toEqual({ cap: 15 });
    expect(arms(space, "softcap").off.optimizer.lr).toBe(0.003);
    expect(arms(`[levers.softcap]\ncap = 7\n${space}`, "softcap").on.levers).toEqual({ softcap: { cap: 7 } });
  });
  it("a lever of the same group beside it is a conflict, and the way out names it", () => {
    const error = refusal("[levers.gelu]", "relu2");
    expect([error.code, error.message]).toEqual([
      "experiment.lever-conflict",
      expect.stringMatching(/relu2 .* gelu: .*group activation\. Remove \[levers\.gelu\]/),
    ]);
    expect(arms("[levers.gelu]", "gelu").off.levers).toEqual({});
    expect(arms("[levers.gelu]", "softcap").off.levers).toEqual({ gelu: {} });
  });
  it.each(["relu-squared", "", "__proto__", "constructor", "toString", "RELU2"])("there is no lever %j", (id) => {
    const error = refusal("", id);
    expect(error.code).toBe("experiment.unknown-lever");
    expect(error.message).toContain("relu2, leaky-relu2, gelu");
  });
  it("a trial of an arm is whole: heads and length are filled in", () => {
    const { on } = arms("", "relu2");
    expect(armSpec(on, 44, 77)).toMatchObject({ seed: 44, model: { heads: 2, kv_heads: 2 }, schedule: { steps: 77 } });
  });
});
