import { describe, expect, test } from "vitest";
import { starterRaceFile } from "../../daemon/config/defaults.ts";
import { cursorAt } from "../../daemon/lsp/race-file/text/cursor.ts";
import { readStatements } from "../../daemon/lsp/race-file/text/statements.ts";
import { marked } from "./marked.ts";

/** `kind path [word]`. */
function at(source: string): string {
  const { text, offset } = marked(source);
  const cursor = cursorAt(text, offset);
  if (cursor.kind === "nothing") return "nothing";
  const word = text.slice(cursor.word.from, cursor.word.to);
  if (cursor.kind === "header") {
    const path = cursor.header.path.slice(0, cursor.depth).map((name) => name.text);
    return `header ${path.join("/")} [${word}]`;
  }
  return `${cursor.kind} ${cursor.at.join("/")} [${word}]`;
}

describe("the cursor stands", () => {
  test.each([
    ["[^", "header  []"],
    ["[mo^del]", "header model [model]"],
    ['[space."optimizer.^lr"]', 'header space/optimizer.lr ["optimizer.lr"]'],
    ["[space.optimizer.l^r]", "header space/optimizer/lr [lr]"],
    ["[sp^ace.optimizer.lr]", "header space [space]"],
    ["[model]^", "nothing"],
    ["^", "key  []"],
    ["[model]\n^", "key model []"],
    ["[model]\nlay^", "key model [lay]"],
    ["[model]\nlay^ers = 2", "key model [layers]"],
    ["model.lay^ers = 2", "key model [layers]"],
    ["[model]\nlayers = 2\n\n^\n[race]\n", "key model []"],
    ["[model]\nlayers ^", "nothing"],
    ["[model]\nlayers =^", "value model/layers []"],
    ["[model]\nlayers = ^", "value model/layers []"],
    ["[model]\nlayers = 1^2", "value model/layers [12]"],
    ["[model]\nlayers = 2 # no^te", "nothing"],
    ["[model]\n# no^te", "nothing"],
    ['[data]\ncorpus = "a#b^"', 'value data/corpus ["a#b"]'],
    ['[data]\ncorpus = "^', 'value data/corpus ["]'],
    ['[data]\ncorpus = "^"', 'value data/corpus [""]'],
    ["[race]\nrungs = [^", "value race/rungs/0 []"],
    ["[race]\nrungs = [\n  { st^", "key race/rungs/0 [st]"],
    ["[race]\nrungs = [\n  { steps = 1^ }", "value race/rungs/0/steps [1]"],
    ["[race]\nrungs = [\n  { steps = 1 },\n  { steps = 2, ^ },\n]", "key race/rungs/1 []"],
    ['[race]\nrungs = [{ steps = 2, keep = "^" }]', 'value race/rungs/0/keep [""]'],
    ["[race]\nseeds = [1, 2^]", "value race/seeds/1 [2]"],
    ['[space."levers.softcap"]\nchoice = [false, { ^ }]', "key space/levers.softcap/choice/1 []"],
    // An open bracket ends where the next statement begins.
    ["[race]\nrungs = [\n  { steps = 1 },\nse^ed = 1\n", "key race [seed]"],
    ["[race]\nrungs = [\n\n[model]\nla^", "key model [la]"],
    ['[data]\ncorpus = "open\nsp^lit = 1\n', "key data [split]"],
    ["[data]\r\ncor^pus = 1\r\n", "key data [corpus]"],
    ["[data]\r\ncorpus = ^\r\n", "value data/corpus []"],
  ])("%j", (source, expected) => expect(at(source)).toBe(expected));
});

test("statements of a valid file are those of the file", () => {
  const statements = readStatements(starterRaceFile);
  const names = statements.map(
    ({ kind, path }) => `${kind === "header" ? "#" : ""}${path.map((n) => n.text).join(".")}`,
  );
  expect(names).toEqual(
    `#data corpus split protocol #model layers width heads context mlp_mult #optimizer name lr weight_decay batch
     #schedule kind warmup #levers.qk-norm #race seed max_trials sampler rungs lanes report_every_steps
     checkpoint_every_sec #space.optimizer.lr log #space.optimizer.weight_decay uniform #space.schedule.warmup int
     #space.levers.softcap choice`.split(/\s+/),
  );
  const rungs = statements.find((statement) => statement.path[0]?.text === "rungs");
  expect(starterRaceFile.slice(rungs?.from, rungs?.to)).toMatch(/^rungs = \[[\s\S]*\n\]$/);
});
