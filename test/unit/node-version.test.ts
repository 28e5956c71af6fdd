import { describe, expect, it } from "vitest";
import { isNodeTooOld, oldestNode } from "../../daemon/node-version.mjs";

describe("the oldest Node.js", () => {
  it.each([
    ["18.20.4", true],
    ["20.19.0", true],
    ["22.17.9", true],
    ["22.18.0", false],
    ["22.2.0", true],
    ["23.0.0", false],
    ["24.1.0", false],
    ["100.0.0", false],
  ])("%s is too old: %s", (version, tooOld) => {
    expect(isNodeTooOld(version)).toBe(tooOld);
  });

  it("is not too old itself", () => {
    expect(isNodeTooOld(`${oldestNode}.0`)).toBe(false);
  });
});
