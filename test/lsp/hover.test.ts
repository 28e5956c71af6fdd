import { describe, expect, test } from "vitest";
import { fieldsOf, rungSchema, sectionSchemas } from "../../daemon/config/schema.ts";
import { levers } from "../../daemon/levers/registry.ts";
import { hoverAt } from "../../daemon/lsp/race-file/hover.ts";
import { ladderRows } from "../../daemon/lsp/race-file/ladder-table.ts";
import { docOf, valuesOf } from "../../daemon/lsp/race-file/subject.ts";
import { presetLadder } from "../../daemon/search/ladder.ts";
import { marked } from "./marked.ts";

function hover(source: string): { word: string; markdown: string } | null {
  const { text, offset } = marked(source);
  const found = hoverAt(text, offset);
  return found && { word: text.slice(found.from, found.to), markdown: found.markdown };
}

describe("every key is documented", () => {
  const all = [
    ...Object.entries(sectionSchemas).map(([name, schema]) => [name, schema] as const),
    ["race.rungs", rungSchema] as const,
    ...[...levers.values()].map((lever) => [`levers.${lever.id}`, lever.settings] as const),
  ];
  test.each(all)("%s", (section, schema) => {
    for (const [key, field] of Object.entries(fieldsOf(schema))) {
      const doc = docOf(field);
      expect(doc?.text, `${section}.${key}`).toMatch(/[.]$/);
      for (const value of Object.keys(doc?.values ?? {})) {
        const known = [...valuesOf(field).map(String), "chunked", "strided:S"];
        expect(known, `${section}.${key}: ${value}`).toContain(value);
      }
    }
  });
});

describe("hover", () => {
  test("a key: meaning, type with range, default", () => {
    const found = hover("[optimizer]\nl^r = 0.01\n");
    expect(found?.word).toBe("lr");
    expect(found?.markdown).toContain("**optimizer.lr**");
    expect(found?.markdown).toContain("Peak learning rate");
    expect(found?.markdown).toContain("Value: a number greater than 0");
    expect(found?.markdown).toContain("Default: `0.003`");
  });
  test("a key without default says what holds instead", () => {
    expect(hover("[model]\nkv_he^ads = 1\n")?.markdown).toContain("When left out: as many as `heads`");
  });
  test("a value of an enumeration", () => {
    expect(hover('[schedule]\nkind = "w^sd"\n')?.markdown).toMatch(/^\*\*wsd\*\*: stays at the peak/);
    expect(hover("[schedule]\nkind = toString^\n")?.markdown).toMatch(/^\*\*schedule.kind\*\*/);
  });
  test("a lever: title, hypothesis, source, claim, what would refute it, settings", () => {
    const lever = levers.get("softcap");
    const found = hover("[levers.soft^cap]\n");
    for (const part of [lever?.title, lever?.hypothesis, lever?.source, lever?.falsifier, "-0.005 BPB", "`cap`"]) {
      expect(found?.markdown).toContain(part);
    }
    expect(hover("[levers.qk-norm^]\n")?.markdown).toContain("no number is stated");
    expect(hover("[levers.tied-head^]\n")?.markdown).toContain("+0.019 BPB");
    expect(hover("[levers.softcap]\nca^p = 1")?.markdown).toContain("logits stay within");
  });
  test("a dimension: what varies, and a range worth searching", () => {
    const found = hover('[space."optimizer.^lr"]\nlog = [0.1, 0.2]\n');
    expect(found?.word).toBe('"optimizer.lr"');
    expect(found?.markdown).toContain("**Varies** `optimizer.lr`");
    expect(found?.markdown).toContain("`log = [0.002, 0.007]`");
    expect(hover('[space."optimizer.lr"]\nlo^g = [0.1, 0.2]\n')?.markdown).toContain("uniform in the logarithm");
    expect(hover("[space.model.hea^ds]\nchoice = [1]\n")?.markdown).toContain("**model.heads**");
  });
  test("a section, also as the first part of a longer name", () => {
    expect(hover("[ra^ce]")?.markdown).toContain("How many configurations");
    expect(hover("[lev^ers.softcap]")).toMatchObject({
      word: "levers",
      markdown: expect.stringContaining("**[levers]**"),
    });
  });
  test("nothing where nothing is known", () => {
    for (const source of ["^", "[modle^]", "[model]\nx^ = 1", "# a^", "[model]\nlayers ^= 1", "x = ^"]) {
      expect(hover(source), source).toBeNull();
    }
  });
});

describe("the ladder", () => {
  test("counts are those of the top share, rounded down, and steps those of the deltas", () => {
    expect(ladderRows(presetLadder("trinity"), 27)).toEqual([
      { steps: 1000, keep: "1/3", trials: 27, trainedSteps: 27_000 },
      { steps: 3000, keep: "1/3", trials: 9, trainedSteps: 18_000 },
      { steps: 9000, keep: "1/3", trials: 3, trainedSteps: 18_000 },
      { steps: 27000, keep: null, trials: 1, trainedSteps: 18_000 },
    ]);
    // SPEC 4: of 16 seeds 16, 8, 3, 1, 1 go on.
    expect(ladderRows(presetLadder("hunt"), 16).map(({ trials }) => trials)).toEqual([16, 16, 8, 3, 1, 1]);
  });
  test("is shown over rungs, presets and the number of trials", () => {
    const rungs =
      '[race]\nmax_trials = 10\nru^ngs = [{ steps = 100, keep = "1/2" }, { steps = 200 }]\n[space."optimizer.lr"]\nlog = [0.1, 0.2]\n';
    const table = hover(rungs)?.markdown ?? "";
    expect(table).toContain("| 100 | 1/2 | 10 | 1000 |");
    expect(table).toContain("| 200 | - | 5 | 500 |");
    expect(table).toContain("1500 steps in all");
    expect(hover('[race]\nladder = "tri^nity"\n[space."optimizer.lr"]\nlog = [0.1, 0.2]\n')?.markdown).toContain(
      "| 27000 | - | 1 | 18000 |",
    );
    // A preset is known even where the file is broken.
    expect(hover('[race]\nladder = "hu^nt"\nseed = x\n')?.markdown).toContain("| 81000 | - |");
    expect(hover("[race]\nrun^gs = [\n")?.markdown).not.toContain("rung at step");
  });
});
