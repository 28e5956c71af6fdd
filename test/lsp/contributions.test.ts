/** What package.json tells the editor about race files and tools, and the grammar behind it. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { starterRaceFile } from "../../daemon/config/defaults.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, root), "utf8"));
const { contributes, activationEvents } = read("package.json");

interface Rule {
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly name?: string;
  readonly patterns?: readonly Rule[];
}

const grammar: { patterns: Rule[]; repository: Record<string, Rule> } = read("syntaxes/igla-toml.tmLanguage.json");

function rulesBelow(rule: Rule): Rule[] {
  return [rule, ...(rule.patterns ?? []).flatMap(rulesBelow)];
}

describe("the language", () => {
  test("is contributed with files that exist", () => {
    const [language] = contributes.languages;
    expect(language).toMatchObject({ id: "igla-toml", filenamePatterns: ["*.igla.toml"] });
    expect(contributes.grammars[0].language).toBe("igla-toml");
    expect(existsSync(new URL(contributes.grammars[0].path, root))).toBe(true);
    expect(read(language.configuration).comments.lineComment).toBe("#");
    expect(activationEvents).toContain("onLanguage:igla-toml");
  });
});

describe("the grammar", () => {
  const rules = [...grammar.patterns, ...Object.values(grammar.repository)].flatMap(rulesBelow);
  test("has no pattern that cannot be read, and includes only what it has", () => {
    expect(rules.length).toBeGreaterThan(20);
    for (const { match, begin, end, include } of rules) {
      for (const pattern of [match, begin, end])
        if (pattern !== undefined) expect(() => new RegExp(pattern)).not.toThrow();
      if (include !== undefined) expect(Object.keys(grammar.repository)).toContain(include.slice(1));
    }
  });
  test("tells sections, keys and values of the starter file apart", () => {
    const kind = (line: string) => {
      if (new RegExp(grammar.repository.section?.begin ?? "").test(line)) return "section";
      if (new RegExp(grammar.repository.assignment?.match ?? "").test(line)) return "key";
      return new RegExp(grammar.repository.comment?.match ?? "").test(line) ? "comment" : "other";
    };
    const counts: Record<string, number> = {};
    for (const line of starterRaceFile.split("\n")) counts[kind(line)] = (counts[kind(line)] ?? 0) + 1;
    const headers = starterRaceFile.split("\n").filter((line) => line.startsWith("["));
    expect(counts.section).toBe(headers.length);
    expect(counts.key).toBe(starterRaceFile.split("\n").filter((line) => /^\w+ = /.test(line)).length);
  });
});

describe("tools for agents", () => {
  test("are described, and take what their schema says", () => {
    const names = contributes.languageModelTools.map(({ name }: { name: string }) => name);
    expect(names).toEqual(["igla_status", "igla_leaderboard", "igla_propose_config", "igla_start_race"]);
    for (const { modelDescription, inputSchema, displayName } of contributes.languageModelTools) {
      expect(modelDescription.length).toBeGreaterThan(80);
      expect(displayName).not.toBe("");
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    }
    expect(contributes.mcpServerDefinitionProviders).toEqual([{ id: "igla.mcp", label: "Igla" }]);
  });
});
