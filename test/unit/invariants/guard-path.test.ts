import { expect, it } from "vitest";
import { guardPath } from "../../../daemon/invariants/guard-path.ts";

it.each([
  [null, "assertions/igla_assertions.json"],
  [".//strict.json", "strict.json"],
  ["a\\..\\b/strict.json", "b/strict.json"],
  // It leaves the folder: what is written is looked for as it is written.
  ["../strict.json", "../strict.json"],
])("the assertion file that %j names", (named, path) => {
  expect(guardPath(named)).toBe(path);
});
