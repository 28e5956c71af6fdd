/** What the editor makes of verdicts on levers: pure functions from text and ledger to lenses, marks and fixes. */
import { describe, expect, test } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { VerdictRow } from "../../daemon/evidence/ledger/row.ts";
import { leverActions } from "../../daemon/lsp/levers/actions.ts";
import { leverDiagnostics } from "../../daemon/lsp/levers/diagnostics.ts";
import { verdictMarkdown } from "../../daemon/lsp/levers/hover.ts";
import type { LeverLedger } from "../../daemon/lsp/levers/ledger-file.ts";
import { leverPlaces } from "../../daemon/lsp/levers/places.ts";
import { type Standing, standings } from "../../daemon/lsp/levers/standing.ts";
import { switchOff } from "../../daemon/lsp/levers/switch-off.ts";
import { lensTitle, signed } from "../../daemon/lsp/levers/words.ts";
import { leverVerdicts } from "../../daemon/protocol/experiments.ts";
import { outcomeOf, verdictRow } from "../fixtures/lever-verdicts.ts";

const path = "/w/races/a.igla.toml";
const race = `[race]
rungs = [{ steps = 300 }]

[levers.softcap]
cap = 15

[space."levers.dropout"]
choice = [false, true]
`;
const ledgerPath = "/w/assertions/seed_results.jsonl";

function ledger(rows: readonly VerdictRow[], fault: string | null = null, at = ledgerPath): LeverLedger {
  const verdicts = rows.map((row, index) => ({ row, line: index + 1 }));
  return { kind: "read", path: at, verdicts, fault: fault === null ? null : { line: 2, message: fault } };
}
const row = (lever: string, outcome = outcomeOf("refuted"), more: Partial<VerdictRow> = {}) =>
  verdictRow(race, "races/a.igla.toml", lever, outcome, more);

function standing(ledgers: readonly LeverLedger[], lever = "softcap", text = race): Standing {
  const found = standings({ path, text }, ledgers).find((one) => one.lever.id === lever);
  if (found === undefined) throw new Error(`${lever} is not found`);
  return found;
}
const title = (ledgers: readonly LeverLedger[], lever?: string, text?: string) =>
  lensTitle(standing(ledgers, lever, text), ledgers);
const documentOf = (text: string) => TextDocument.create(`file://${path}`, "igla-toml", 1, text);
const marks = (ledgers: readonly LeverLedger[], text = race) =>
  leverDiagnostics(documentOf(text), standings({ path, text }, ledgers), ledgers);

describe("places", () => {
  test.each([
    ["[levers.softcap]\ncap = 1", ["on softcap [levers.softcap]"]],
    ["[levers]\nsoftcap = { cap = 1 }", ["on softcap softcap"]],
    ["[levers]\nsoftcap.cap = 1\nema.decay = 0.9", ["on softcap softcap.cap", "on ema ema.decay"]],
    ['[space."levers.ema"]\nchoice = [true]', ['varied ema [space."levers.ema"]']],
    ["[space.levers.ema]\nchoice = [true]", ["varied ema [space.levers.ema]"]],
    ['[space]\n"levers.ema" = { choice = [true] }', ['varied ema "levers.ema"']],
    ['[space."levers.ema.decay"]\nlog = [0.1, 0.2]', []],
    ['[levers.ema]\n[space."levers.ema"]\nchoice = [true]', ["on ema [levers.ema]", 'varied ema [space."levers.ema"]']],
    ["[levers.", []],
    ["[optimizer]\nlr = 1\n[levers]", []],
  ])("%j", (text, places) => {
    expect(leverPlaces(text).map(({ id, role, from, to }) => `${role} ${id} ${text.slice(from, to)}`)).toEqual(places);
  });
  test("a lever that nobody knows has none", () => {
    expect(standings({ path, text: "[levers.toString]\n[levers.nope]\n" }, [])).toEqual([]);
  });
});

describe("lens", () => {
  const before = "Falsify this lever · claimed -0.0050 · ";
  test("an experiment that was given up is told beside what was found, on this configuration only", () => {
    const { lever, arms } = row("softcap");
    const other = { ...arms, on: "0".repeat(64) };
    const open = [
      { lever, arms },
      { lever, arms },
      { lever: "dropout", arms },
      { lever, arms: other },
    ];
    const given = "2 registrations without a verdict";
    expect(title([{ kind: "absent", path: ledgerPath, open }])).toBe(`${before}not tested here, ${given}`);
    const survived = { ...ledger([row("softcap", outcomeOf("survived"))]), open: open.slice(1) };
    expect(title([survived])).toMatch(/survived: .*, 1 registration without a verdict$/);
    expect(verdictMarkdown(standing([survived]), [survived])).toContain("given up, or are still to be finished");
    expect(verdictMarkdown(standing([ledger([row("softcap")])]), [])).not.toContain("given up");
  });
  test("without a verdict", () => {
    expect(title([])).toBe(`${before}not tested here`);
    expect(title([{ kind: "absent", path: ledgerPath }])).toBe(`${before}not tested here`);
    expect(title([], "dropout")).toBe("Falsify this lever · no gain claimed · not tested here");
    expect(title([], "tied-head", "[levers.tied-head]")).toContain(" · claimed +0.0190 · ");
  });
  test.each([
    [outcomeOf("refuted"), "refuted: -0.0030 [-0.0080, +0.0020], 5 seeds"],
    [
      outcomeOf("survived", { gain: 0.006, interval: { low: 0.001, high: 0.011 } }),
      "survived: -0.0060 [-0.0110, -0.0010], 5 seeds",
    ],
    [
      outcomeOf("inconclusive", { seedsNeeded: 12 }),
      "inconclusive (needs 12 seeds): -0.0030 [-0.0080, +0.0020], 5 seeds",
    ],
    // Enough of them for the claim: more would have helped by chance only.
    [outcomeOf("inconclusive", { seedsNeeded: 4 }), "inconclusive: -0.0030 [-0.0080, +0.0020], 5 seeds"],
    [outcomeOf("dead-lever"), "dead-lever: The flag changes nothing."],
    [outcomeOf("invalid"), "invalid: 2 numbers came out differently when they were computed again."],
    [
      outcomeOf("refuted", { gain: null, interval: null, reasons: ["With the lever the loss\nstops $(x) ".repeat(9)] }),
      "refuted: With the lever the loss stops (x) With the lever the loss stops (x) With the lever the...",
    ],
    [outcomeOf("refuted", { claim: 0.02 }), "refuted: -0.0030 [-0.0080, +0.0020], 5 seeds, tested for -0.0200"],
    [
      outcomeOf("refuted", { arms: { off: armOf(20), on: armOf(20) } }),
      "refuted: -0.0030 [-0.0080, +0.0020], 5 seeds, after 20 steps instead of 300",
    ],
  ])("%#: %j", (outcome, words) => {
    expect(title([ledger([row("softcap", outcome)])])).toBe(before + words);
  });
  test("a lever that varies has the verdict on its own setting", () => {
    expect(title([ledger([row("dropout")])], "dropout")).toMatch(/^Falsify this lever · no gain claimed · refuted: /);
  });
  test("of a file that has changed it is never the present truth", () => {
    const changed = race.replace("15", "30");
    expect(title([ledger([row("softcap", outcomeOf("survived"))])], "softcap", changed)).toBe(
      `${before}before the file changed: survived: -0.0030 [-0.0080, +0.0020], 5 seeds`,
    );
    // Also where only the baseline is another.
    expect(title([ledger([row("softcap")])], "softcap", `${race}[optimizer]\nlr = 0.001\n`)).toContain(
      " · before the file changed: refuted: ",
    );
    expect(title([ledger([row("softcap")])], "softcap", `${race}[optimizer]\nlr = \n`)).toContain(
      " · not compared, the file has errors: refuted: ",
    );
  });
  test("of a ledger that was edited it is unverified", () => {
    const edited = [ledger([row("softcap", outcomeOf("survived"))], "The row was edited.")];
    expect(title(edited)).toContain(" · unverified, the ledger is not sound: survived: ");
  });
  test("a ledger that was not read is no ledger without verdicts", () => {
    expect(title([{ kind: "unread", path: ledgerPath, why: "is a link, which is not followed" }])).toBe(
      `${before}verdicts not read, the ledger is a link, which is not followed`,
    );
  });
  test("without a verdict an edited ledger may have held one", () => {
    expect(title([ledger([], "The row was edited.")])).toBe(`${before}verdicts not known, the ledger is not sound`);
  });
  test("while the ledger is read nothing is said of it", () => {
    const pending: LeverLedger[] = [{ kind: "pending", path: ledgerPath }];
    expect(title(pending)).toBe(`${before}the ledger is being read`);
    expect(verdictMarkdown(standing(pending), pending)).toBe("The ledger is being read.");
    expect(marks(pending)).toEqual([]);
  });
  test("numbers carry a sign, zero carries none", () => {
    expect([0.00001, -0.00001, 0.5, -2].map(signed)).toEqual(["0.0000", "0.0000", "+0.5000", "-2.0000"]);
  });
});

function armOf(steps: number) {
  return { parameters: 1000, steps, flopsPerStep: 2e6, seconds: null };
}

describe("which verdict counts", () => {
  const kind = (ledgers: readonly LeverLedger[], text = race) => {
    const shown = standing(ledgers, "softcap", text).verdict;
    return shown && `${shown.row.outcome.verdict} ${shown.fit} ${shown.line}`;
  };
  const survived = outcomeOf("survived");
  const other = { race: "races/b.igla.toml" };
  const otherArms = { arms: { off: "0".repeat(64), on: "1".repeat(64) } };
  test("the newest: the later line, the later time of two ledgers", () => {
    expect(kind([ledger([row("softcap"), row("softcap", survived)])])).toBe("survived present 2");
    const beside = "/w/races/assertions/seed_results.jsonl";
    const older = ledger([row("softcap", survived, { ts: "2026-01-01T00:00:00Z", race: "a.igla.toml" })], null, beside);
    expect(kind([older, ledger([row("softcap")])])).toBe("refuted present 1");
    expect(kind([ledger([row("softcap")]), older])).toBe("refuted present 1");
  });
  test("of this file before another file of the same configuration", () => {
    expect(kind([ledger([row("softcap"), row("softcap", survived, other)])])).toBe("refuted present 1");
    expect(kind([ledger([row("softcap", survived, other)])])).toBe("survived present 1");
  });
  test("of another folder only on a corpus that is the same everywhere", () => {
    const far = { race: "more/b.igla.toml" };
    expect(kind([ledger([row("softcap", survived, far)])])).toBe("survived present 1");
    const text = `${race}[data]\ncorpus = "text.txt"\n`;
    const own = (more: Partial<VerdictRow>) =>
      kind([ledger([verdictRow(text, "races/a.igla.toml", "softcap", survived, more)])], text);
    expect(own(far)).toBeNull();
    expect(own(other)).toBe("survived present 1");
  });
  test("of this configuration before a newer one of another", () => {
    expect(kind([ledger([row("softcap"), row("softcap", survived, otherArms)])])).toBe("refuted present 1");
    expect(kind([ledger([row("softcap", survived, otherArms)])])).toBe("survived changed 1");
    const { off, on } = row("softcap").arms;
    const halves = [
      { ...otherArms.arms, off },
      { ...otherArms.arms, on },
    ];
    for (const arms of halves) {
      expect(kind([ledger([row("softcap", survived, { arms })])])).toBe("survived changed 1");
    }
  });
  test("at the file's own length before a newer one at another", () => {
    const short = outcomeOf("survived", { arms: { off: armOf(20), on: armOf(20) } });
    expect(kind([ledger([row("softcap"), row("softcap", short)])])).toBe("refuted present 1");
  });
  test("none of another file and another configuration, none of another lever", () => {
    expect(kind([ledger([row("softcap", survived, { ...other, ...otherArms }), row("dropout")])])).toBeNull();
  });
});

describe("marks", () => {
  test.each([
    ["refuted", "lever.refuted"],
    ["dead-lever", "lever.dead"],
    ["invalid", "lever.invalid"],
  ] as const)("%s of a lever that is on: a warning at its section, the ledger's line beside it", (verdict, code) => {
    const [mark, ...more] = marks([ledger([row("dropout"), row("softcap", outcomeOf(verdict))])]);
    expect(more).toEqual([]);
    expect(mark).toMatchObject({
      range: { start: { line: 3, character: 0 }, end: { line: 3, character: 16 } },
      severity: 2,
      source: "igla",
      code,
      relatedInformation: [{ location: { uri: `file://${ledgerPath}`, range: { start: { line: 1, character: 0 } } } }],
    });
  });
  test("the numbers are said", () => {
    expect(marks([ledger([row("softcap")])])[0]?.message).toBe(
      "softcap is on, and the verdict here is refuted: -0.0030 [-0.0080, +0.0020], 5 seeds (claimed -0.0050).",
    );
  });
  test.each(["survived", "inconclusive"] as const)("%s: none", (verdict) => {
    expect(marks([ledger([row("softcap", outcomeOf(verdict))])])).toEqual([]);
  });
  test("none for what the file was once, and for a lever that the race varies", () => {
    expect(marks([ledger([row("softcap")])], race.replace("15", "30"))).toEqual([]);
    expect(marks([ledger([row("dropout")])])).toEqual([]);
    const both = `${race}[levers.dropout]\n`;
    expect(marks([ledger([verdictRow(both, "races/a.igla.toml", "dropout", outcomeOf("refuted"))])], both)).toEqual([]);
  });
  test("an edited or unread ledger: said once, and no verdict of it counts", () => {
    const edited = marks([ledger([row("softcap"), row("dropout")], "The row was edited.")]);
    expect(edited).toMatchObject([
      { severity: 3, code: "lever.unverified", relatedInformation: [{ location: { range: { start: { line: 1 } } } }] },
    ]);
    expect(edited[0]?.message).toContain("assertions/seed_results.jsonl counts: line 2: The row was edited.");
    expect(marks([{ kind: "unread", path: ledgerPath, why: "has more than 1000 faults" }])).toMatchObject([
      { severity: 3, code: "lever.unverified" },
    ]);
    expect(marks([ledger([row("softcap")], "edited")], "[model]\n")).toEqual([]);
  });
});

describe("hover", () => {
  const markdown = (ledgers: readonly LeverLedger[]) => verdictMarkdown(standing(ledgers), ledgers);
  test.each(leverVerdicts)("%s: verdict, reason, table", (verdict) => {
    const text = markdown([ledger([row("softcap", outcomeOf(verdict))])]);
    expect(text).toContain(`**Verdict: ${verdict.replace("-", "\\-")}**`);
    expect(text).toContain("| Parameters | 1000 without, 1016 with |");
    expect(text).toContain("| Time of a trial | 1.5 s without, unknown with |");
    expect(text).toContain("](file:///w/assertions/prereg/abababababab.json)");
    expect(text).toContain("[line 1](file:///w/assertions/seed_results.jsonl#L1)");
    expect(text).toContain("| Corpus | demo 86c4e6aa9db7, chunked |");
    expect(text).toContain("2026\\-01\\-02T03:04:05Z");
  });
  test("numbers with interval, level, seeds and what would be found", () => {
    const text = markdown([ledger([row("softcap")])]);
    expect(text).toContain("| -0.0030 [-0.0080, +0.0020] BPB at 99.0 % |");
    expect(text).toContain("| 5, seeds 43, 44, 45, 46, 47 |");
    expect(text).toContain("| 0.0061 BPB |");
    expect(text).toContain("| 2.0 M without, 2.0 M with |");
    expect(markdown([ledger([row("softcap", outcomeOf("dead-lever"))])])).toContain("| not measured |");
  });
  test("says what keeps it from being the truth", () => {
    expect(markdown([])).toContain("Not tested here");
    expect(markdown([ledger([], "The row was edited.")])).toMatch(
      /^\*\*Verdicts not known.\*\* ⚠ Line 2 of the ledger/,
    );
    const edited = markdown([ledger([row("softcap", outcomeOf("survived"))], "The row was edited.")]);
    expect(edited).toContain("**Verdict: survived** (unverified, the ledger is not sound)");
    expect(edited).toContain("⚠ Line 2 of the ledger: The row was edited\\.");
    const changed = standing([ledger([row("softcap")])], "softcap", race.replace("15", "30"));
    expect(verdictMarkdown(changed, [])).toContain("**Verdict: refuted** (before the file changed)");
  });
  test("nothing of a ledger becomes a link, an image or a table", () => {
    const evil = "![a](https://x/y.png) | [b](command:z) `c` <img src=x>";
    const outcome = outcomeOf("refuted", { reasons: [evil] });
    const text = markdown([ledger([row("softcap", outcome, { agent: evil, prereg: `../${evil}`, race: evil })])]);
    expect(text).not.toMatch(/(?<!\\)(!\[a|\[b|<img|`c)/);
    for (const line of text.split("\n").filter((each) => each.startsWith("|"))) {
      expect(line.match(/(?<!\\)\|/g), line).toHaveLength(3);
    }
  });
});

describe("fixes", () => {
  const off = (text: string, id = "softcap") => {
    const ranges = switchOff(text, id);
    return ranges?.toReversed().reduce((rest, { from, to }) => rest.slice(0, from) + rest.slice(to), text) ?? null;
  };
  test.each([
    [
      "# race\n[levers.softcap] # on\ncap = 15 # as they do\n\n[model]\nlayers = 2\n",
      "# race\n\n[model]\nlayers = 2\n",
    ],
    // Its own comments go, those of its neighbours stay.
    [
      "[model]\nlayers = 2\n# of the model\n\n# of the cap\n[levers.softcap]\n# why 15\ncap = 15\n# or 30\n\n# of ema\n[levers.ema]\n",
      "[model]\nlayers = 2\n# of the model\n\n# of ema\n[levers.ema]\n",
    ],
    [
      "[model]\nlayers = 2\n# of whom?\n[levers.softcap]\ncap = 15\n# of ema\n[levers.ema]\n",
      "[model]\nlayers = 2\n# of whom?\n# of ema\n[levers.ema]\n",
    ],
    ["[model]\nlayers = 2\n\n[levers.softcap]\ncap = 15\n", "[model]\nlayers = 2\n"],
    ["[model]\r\nlayers = 2\r\n\r\n[levers.softcap]\r\ncap = 15", "[model]\r\nlayers = 2\r\n"],
    ["[levers]\nema = {}\nsoftcap = { cap = 15 }\ngelu = {}\n", "[levers]\nema = {}\ngelu = {}\n"],
    ["levers.softcap.cap = 15\nlevers.ema.decay = 0.9\n", "levers.ema.decay = 0.9\n"],
    // What varies of it would be an error without it.
    [
      '[levers.softcap]\n\n[model]\nlayers = 2\n\n[space."levers.softcap.cap"]\nlog = [10, 30]\n',
      "[model]\nlayers = 2\n",
    ],
  ])("%j", (text, after) => {
    expect(off(text)).toBe(after);
  });
  test("none where it would not be off, or would leave a broken file", () => {
    expect(off("[model]\n")).toBeNull();
    expect(off("levers = { softcap = { cap = 15 }, ema = {} }\n")).toBeNull();
    expect(off("[levers.softcap]\n[model]\nlayers = x\n")).toBeNull();
  });
  test("are offered with the mark that they are for", () => {
    const document = documentOf(race);
    const found = marks([ledger([row("softcap")])]);
    const [first, second, ...more] = leverActions(document, path, found);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ title: "Switch softcap off", isPreferred: true, diagnostics: found });
    expect(TextDocument.applyEdits(document, [...(first?.edit?.changes?.[document.uri] ?? [])])).toBe(
      '[race]\nrungs = [{ steps = 300 }]\n\n[space."levers.dropout"]\nchoice = [false, true]\n',
    );
    expect(second).toMatchObject({
      title: "Falsify again",
      command: { command: "igla.falsifyLever", arguments: [{ path, lever: "softcap" }] },
    });
  });
  test("an experiment that went wrong is only repeated; other marks get nothing", () => {
    const document = documentOf(race);
    const titles = (mark: readonly LeverLedger[]) => leverActions(document, path, marks(mark)).map((one) => one.title);
    expect(titles([ledger([row("softcap", outcomeOf("invalid"))])])).toEqual(["Falsify again"]);
    expect(titles([ledger([row("softcap")], "edited")])).toEqual([]);
    const [mark] = marks([ledger([row("softcap")])]);
    for (const data of [undefined, null, 7, { lever: 7 }, {}]) {
      expect(leverActions(document, path, mark === undefined ? [] : [{ ...mark, data }])).toEqual([]);
    }
  });
});
