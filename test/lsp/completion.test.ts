import { describe, expect, test } from "vitest";
import type { TextEdit } from "vscode-languageserver";
import { starterRaceFile } from "../../daemon/config/defaults.ts";
import { parseRaceFile } from "../../daemon/config/parse.ts";
import { sectionSchemas } from "../../daemon/config/schema.ts";
import { levers } from "../../daemon/levers/registry.ts";
import { withoutPlaceholders } from "../../daemon/lsp/race-file/candidate.ts";
import { candidatesAt, complete } from "../../daemon/lsp/race-file/completion.ts";
import { variablePaths } from "../../daemon/lsp/race-file/subject.ts";
import { documentOf, marked } from "./marked.ts";

function labels(source: string): string[] {
  const { text, offset } = marked(source);
  return candidatesAt(text, offset).candidates.map(({ label }) => label);
}

/** The text after choosing `label`, placeholders filled with what they show. */
function chosen(source: string, label: string): string {
  const { text, offset } = marked(source);
  const document = documentOf(text);
  const item = complete(document, offset, false).find((candidate) => candidate.label === label);
  if (item?.textEdit === undefined) throw new Error(`${label} is not offered`);
  return apply(text, document, item.textEdit as TextEdit);
}

function apply(text: string, document: ReturnType<typeof documentOf>, { range, newText }: TextEdit): string {
  return text.slice(0, document.offsetAt(range.start)) + newText + text.slice(document.offsetAt(range.end));
}

describe("keys", () => {
  test("of a section are those of its schema that the file does not have", () => {
    const keys = labels("[optimizer]\nlr = 0.003\n^\n[model]\nlayers = 1\n").filter((label) => !label.startsWith("["));
    expect(keys).toEqual(Object.keys(sectionSchemas.optimizer.shape).filter((key) => key !== "lr"));
  });
  test("are written with their default", () => {
    expect(chosen("[optimizer]\nl^", "lr")).toBe("[optimizer]\nlr = 0.003");
    expect(chosen("[schedule]\n^", "kind")).toBe('[schedule]\nkind = "cosine"');
    expect(chosen("[model]\n^", "norm_gain")).toBe("[model]\nnorm_gain = true");
    expect(chosen("[data]\n^", "protocol")).toBe('[data]\nprotocol = "chunked"');
    expect(chosen("[race]\n^", "lanes")).toBe('[race]\nlanes = "auto"');
  });
  test("before a value are only renamed", () => {
    expect(chosen("[optimizer]\nl^ = 0.1", "lr")).toBe("[optimizer]\nlr = 0.1");
  });
  test("of levers are their settings", () => {
    expect(labels("[levers.softcap]\n^").slice(0, 1)).toEqual(["cap"]);
    expect(chosen("[levers.softcap]\n^", "cap")).toBe("[levers.softcap]\ncap = 15");
  });
  test("of a rung", () => {
    expect(labels("[race]\nrungs = [{ ^ }]")).toEqual(["steps", "keep"]);
    expect(labels("[race]\nrungs = [{ steps = 1, ^ }]")).toEqual(["keep"]);
  });
  test("of a lever's settings inside a choice", () => {
    expect(labels('[space."levers.softcap"]\nchoice = [false, { ^ }]')).toEqual(["cap"]);
  });
  test("nothing is offered in comments, after a finished key, in unknown sections", () => {
    expect(labels("[model]\n# la^")).toEqual([]);
    expect(labels("[model]\nlayers ^")).toEqual([]);
    expect(labels("[modle]\nx^ = 1")).toEqual([]);
  });
});

describe("sections", () => {
  test("that are absent can be opened, at a line's beginning and inside brackets", () => {
    const offered = labels("[model]\n\n[levers.muon]\n[^");
    expect(offered).toContain("data");
    expect(offered).not.toContain("model");
    expect(offered).toContain("levers.softcap");
    expect(offered).not.toContain("levers.muon");
    expect(offered).toContain('space."optimizer.lr"');
    expect(labels("^")).toContain("[race]");
  });
  test("brackets that the editor has closed are not doubled", () => {
    expect(chosen("[^]", "race")).toBe("[race]");
    expect(chosen("[ra^", "race")).toBe("[race]");
  });
  test("of the space come with a range: the lever's own, or that of the key", () => {
    expect(chosen("[^]", 'space."optimizer.lr"')).toBe('[space."optimizer.lr"]\nlog = [0.002, 0.007]');
    expect(chosen("[sp^]", 'space."levers.muon.lr"')).toBe('[space."levers.muon.lr"]\nlog = [0.005, 0.08]');
    expect(chosen("[^]", 'space."levers.softcap"')).toBe('[space."levers.softcap"]\nchoice = [true, false]');
    expect(chosen("[^]\nint = [1, 2]\n", 'space."model.layers"')).toBe('[space."model.layers"]\nint = [1, 2]\n');
  });
  test("of a lever whose group is taken stand last and say why", () => {
    const { candidates } = candidatesAt("[levers.relu2]\n[", 16);
    const gelu = candidates.find(({ label }) => label === "levers.gelu");
    const softcap = candidates.find(({ label }) => label === "levers.softcap");
    expect(gelu?.detail).toContain("another lever of activation is on");
    expect(gelu?.order).toBeGreaterThan(softcap?.order ?? 99);
  });
});

describe("values", () => {
  test("of enumerations, with and without quotes", () => {
    expect(labels("[schedule]\nkind = ^")).toEqual(['"cosine"', '"wsd"', '"flat"']);
    expect(chosen("[schedule]\nkind = ^", '"wsd"')).toBe('[schedule]\nkind = "wsd"');
    expect(chosen('[schedule]\nkind = "^"', '"wsd"')).toBe('[schedule]\nkind = "wsd"');
    expect(chosen('[schedule]\nkind = "w^', '"wsd"')).toBe('[schedule]\nkind = "wsd"');
    expect(labels("[race]\nladder = ^")).toEqual(['"trinity"', '"hunt"']);
    expect(labels("[race]\nlanes = ^")).toEqual(['"auto"']);
    expect(labels("[model]\nnorm_gain = ^")).toEqual(["true", "false"]);
  });
  test("of the catalogue, of numbers, of ladders", () => {
    expect(labels("[data]\ncorpus = ^")).toEqual(['"tinyshakespeare"']);
    expect(labels("[optimizer]\nlr = ^")).toEqual(["0.003"]);
    expect(labels('[race]\nrungs = [{ steps = 1, keep = "^" }]')).toEqual(['"1/2"', '"1/3"', '"1/4"']);
    expect(labels('[space."optimizer.lr"]\nlog = ^')).toEqual(["[0.002, 0.007]"]);
    expect(labels('[space."schedule.kind"]\nchoice = [^]')).toEqual(['"cosine"', '"wsd"', '"flat"']);
    expect(labels('[space."levers.softcap"]\nchoice = [^]')).toEqual(["true", "false", "{ cap = 15 }"]);
  });
});

describe("what is offered is valid", () => {
  const whole = (text: string) => {
    const parsed = parseRaceFile(text, "f", levers);
    return parsed.ok ? [] : parsed.errors.map(({ message }) => message);
  };
  test("every key with its default", () => {
    for (const section of Object.keys(sectionSchemas)) {
      const { candidates } = candidatesAt(`[${section}]\n`, section.length + 3);
      for (const { label, insert, kind } of candidates.filter((candidate) => candidate.kind === "key")) {
        // Keys without a default leave their place empty.
        if (/\$1/.test(insert)) continue;
        expect(whole(`[${section}]\n${withoutPlaceholders(insert)}\n`), `${section}.${label} ${kind}`).toEqual([]);
      }
    }
  });
  test("every dimension with its suggested range", () => {
    for (const { path } of variablePaths()) {
      const body = chosen("[^]", `space."${path}"`);
      if (body.includes("choice = []")) continue;
      const setting = /^levers\.([^.]+)\./.exec(path);
      // Heads and width depend on each other; the other one is set to what fits.
      const others = path === "model.heads" ? "[model]\nwidth = 64\n" : "";
      expect(whole(`${others}${setting ? `[levers.${setting[1]}]\n` : ""}${body}\n`), path).toEqual([]);
    }
  });
  test("every lever, and the starter ladder", () => {
    for (const id of levers.keys()) expect(whole(`${chosen("[^]", `levers.${id}`)}\n`), id).toEqual([]);
    expect(whole(`${chosen("[race]\n^", "rungs")}\n`)).toEqual([]);
    expect(whole(starterRaceFile)).toEqual([]);
  });
});
