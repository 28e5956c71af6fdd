import { describe, expect, it } from "vitest";
import { parseJson } from "../../../daemon/invariants/parse-json.ts";

describe("broken JSON is told in words", () => {
  it.each([
    ["{ a: 1 }", "keys and texts stand in double quotes"],
    ['{ "a": Proven }', "keys and texts stand in double quotes"],
    ['{ "a": 1, }', "a key in double quotes is missing before this, or the comma before it is one too many"],
    ["[1, ]", "a value is missing before this, or the comma before it is one too many"],
    ['{ "a" 1 }', "a colon is missing"],
    ["[1 2]", "a comma is missing"],
    ["{", "a closing } is missing"],
    ["[", "a closing ] is missing"],
    ["{} {}", "the JSON has ended before this"],
    ["// no\n{}", "JSON has no comments"],
    ['"open', "the closing double quote of a text is missing"],
    ["[1.]", "a digit is missing"],
    ['"\\u12"', "four hexadecimal digits"],
    ['"\\q"', "may follow a backslash"],
    ['"\t"', "control characters"],
    ["", "the file is empty"],
  ])("%j: %s", (text, words) => {
    const messages = parseJson(text).errors.map(({ message }) => message);
    expect(messages[0]).toMatch(/^The JSON is broken here: .*\.$/);
    expect(messages[0]).toContain(words);
    // No name of the parser's, such as PropertyNameExpected.
    expect(messages.join(" ")).not.toMatch(/[a-z][A-Z]/);
  });

  it("an error says where it is, and what stands around it is read", () => {
    const { root, errors } = parseJson('{ "a": 1, b }');
    expect(errors[0]).toMatchObject({ offset: 10, length: 1 });
    expect(root?.children).toHaveLength(1);
  });
});
