/** Levers in the editor as text: sections of a race file, numbers, the question before a start, rows, tooltips, tests. */
import { describe, expect, test } from "vitest";
import { experimentRaceName, isExperimentRace } from "../../daemon/protocol/experiment-race.ts";
import { raceOf } from "../../extension/features/race-lenses.ts";
import { resultOfExperiment, resultOfVerdict, verdictOfTest } from "../../extension/levers/lever-tests-model.ts";
import { type LeversState, leverRows, type ViewRow } from "../../extension/levers/levers-model.ts";
import { leverTooltip, verdictTooltip } from "../../extension/levers/levers-tooltip.ts";
import {
  formatAge,
  formatChange,
  formatFlops,
  formatLevel,
  formatSeconds,
  formatSeeds,
  measuredChange,
  percentDone,
} from "../../extension/levers/numbers.ts";
import { leverSections } from "../../extension/levers/sections.ts";
import { powerText, startQuestion, verdictMessage } from "../../extension/levers/words.ts";
import { english } from "../../extension/translate.ts";
import { design, experiment, lever, outcome, recorded } from "../fixtures/experiments.ts";
import { raceState } from "../fixtures/race-states.ts";

const minus = "\u2212";

describe("sections of a race file", () => {
  const named = (text: string) => leverSections(text).map(({ lever: id, line }) => `${id}:${line}`);

  test("are found in every way in which a race file can name a lever", () => {
    expect(named("[levers.relu2]\n")).toEqual(["relu2:0"]);
    expect(named('[levers."qk-norm"] # on\n')).toEqual(["qk-norm:0"]);
    expect(named("[ levers . softcap ]\ncap = 30\n")).toEqual(["softcap:0"]);
    expect(named("[levers]\nrelu2 = true\nsoftcap.cap = 30\n")).toEqual(["relu2:1", "softcap:2"]);
    expect(named("levers.relu2 = true\n")).toEqual(["relu2:0"]);
    expect(named('[space."levers.ema"]\nchoice = [true, false]\n')).toEqual(["ema:0"]);
    expect(named('[space."levers.softcap.cap"]\nlog = [1, 2]\n')).toEqual(["softcap:0"]);
    expect(named('[space]\n"levers.ema" = { choice = [true, false] }\n')).toEqual(["ema:1"]);
  });

  test("are each lever once, where it is switched on rather than where it varies", () => {
    const text = '[space."levers.softcap.cap"]\nlog = [1, 2]\n\n[levers.softcap]\n[levers.relu2]\n';
    expect(named(text)).toEqual(["softcap:3", "relu2:4"]);
  });

  test("are nothing else: other tables, their keys, comments", () => {
    expect(named('[model]\nlayers = 2\n# [levers.relu2]\n[space."optimizer.lr"]\nlog = [1, 2]\n')).toEqual([]);
    expect(named("[leversome.relu2]\n[race]\nname = 1\n")).toEqual([]);
  });

  test("have the place of their text", () => {
    expect(leverSections("\r\n  [levers.relu2]  \r\n")).toEqual([{ lever: "relu2", line: 1, start: 2, end: 16 }]);
  });
});

describe("numbers", () => {
  test("a change has the sign of what happens to BPB, and nothing is neither better nor worse", () => {
    expect(formatChange(-0.0042)).toBe(`${minus}0.0042`);
    expect(formatChange(0.001)).toBe("+0.0010");
    expect(formatChange(-0.00001)).toBe("0.0000");
    expect(measuredChange(outcome())).toBe(`${minus}0.0042 [${minus}0.0060, ${minus}0.0024]`);
    expect(measuredChange(outcome({ interval: { low: -0.01, high: 0.02 } }))).toContain(`[${minus}0.0200, +0.0100]`);
    expect(measuredChange(outcome({ gain: null }))).toBeNull();
  });

  test("costs, times, seeds and progress are short", () => {
    expect([0, 950, 3.1e11, 2e22].map(formatFlops)).toEqual(["0 FLOP", "950 FLOP", "310 GFLOP", "20000 EFLOP"]);
    expect([0.2, 59, 600, 9000].map((s) => formatSeconds(s, english))).toEqual(["1 s", "59 s", "10 min", "2.5 h"]);
    expect([0.99, 0.975, 0.9999999].map(formatLevel)).toEqual(["99", "97.5", "99.9999"]);
    expect(formatSeeds([43, 44, 45])).toBe("43\u201345");
    expect(formatSeeds([43, 45, 46])).toBe("43, 45, 46");
    expect(percentDone(experiment())).toBe(42);
    expect(percentDone({ doneSteps: 5, totalSteps: 0 })).toBe(0);
    expect(percentDone({ doneSteps: 12, totalSteps: 10 })).toBe(100);
  });

  test("an age is told in the editor's language", () => {
    const ts = "2026-03-01T10:00:00.000Z";
    const later = (seconds: number) => Date.parse(ts) + seconds * 1000;
    expect(formatAge(ts, "en", later(30))).toBe("now");
    expect(formatAge(ts, "en", later(3 * 3600))).toBe("3 hours ago");
    expect(formatAge(ts, "ru", later(2 * 86400))).toBe("позавчера");
    expect(formatAge(ts, "en", later(-100))).toBe("now");
  });
});

describe("the question before a start", () => {
  test("has claim and source, pairs, cost of both arms, time, power and corpus", () => {
    const { text, detail } = startQuestion([design()], english);
    expect(text).toBe("Falsify RELU2?");
    for (const part of [
      `Claim: ${minus}0.0100 BPB (a paper).`,
      "3 pairs, seeds 43\u201345, one look at the end; alpha 0.01, two-sided.",
      "Without: 2k steps, 11k parameters, 18 GFLOP in all.",
      "With: 2k steps, 11k parameters, 24 GFLOP in all.",
      "12k training steps, 42 GFLOP, about 90 s.",
      "at most 0.0023 BPB",
      "Before it was 0.0040: power 41 %. Too few: 9 pairs are needed.",
      "Corpus: text abababababab, config path.",
    ]) {
      expect(detail).toContain(part);
    }
  });

  test("does not make up a time or a power that nobody knows", () => {
    const unknown = design({ estimatedSeconds: null, knownDeviation: null, expectedPower: null, seedsNeeded: null });
    const { detail } = startQuestion([unknown], english);
    expect(detail).toContain("time not known yet");
    expect(detail).toContain("How much they do is not known yet.");
    expect(powerText(design({ seedsNeeded: 3, expectedPower: 0.9 }), english)).not.toContain("Too few");
    expect(powerText(design({ seedsNeeded: null }), english)).toContain("more than 1000 pairs are needed");
  });

  test("what was registered before on the lever and configuration is said before the start", () => {
    const again = design({ hypotheses: 3, undecided: 1 });
    const { detail } = startQuestion([again], english);
    expect(detail).toContain("Registration 3 on this lever and configuration: alpha 0.01 is divided by 3.");
    expect(detail).toContain("Other registrations on them without a verdict: 1.");
    expect(startQuestion([again, design()], english).detail.match(/registration \d/g)).toEqual(["registration 3"]);
    expect(startQuestion([design()], english).detail).not.toMatch(/registration/i);
  });
  test("promises nothing of pairs that are too few to decide", () => {
    const { detail } = startQuestion([design({ largestDeviation: 0, expectedPower: 0 })], english);
    expect(detail).toContain("Power: none; so few pairs decide nothing, whatever they show.");
  });

  test("about several levers is one, with the sum", () => {
    const { text, detail } = startQuestion([design(), design({ title: "EMA", estimatedSeconds: null })], english);
    expect(text).toBe("Falsify 2 levers, one after the other?");
    expect(detail).toContain(`RELU2: claimed ${minus}0.0100 BPB, 3 pairs, 42 GFLOP, about 90 s, power 41 %`);
    expect(detail).toContain("In all: 24k training steps, 84 GFLOP, time not known yet: none has run here.");
  });
});

test("a verdict as a message says numbers, or why there are none", () => {
  expect(verdictMessage("QK", outcome(), english)).toBe(
    `QK: Refuted. Change ${minus}0.0042 [${minus}0.0060, ${minus}0.0024] BPB, claimed ${minus}0.0100, 3 seeds.`,
  );
  const open = outcome({ verdict: "inconclusive", seedsNeeded: null });
  expect(verdictMessage("QK", open, english)).toContain("Pairs needed for the claim: more than 1000.");
  const dead = outcome({ verdict: "dead-lever", gain: null, reasons: ["The flag changes nothing."] });
  expect(verdictMessage("QK", dead, english)).toBe("QK: Dead. The flag changes nothing.");
});

describe("the view", () => {
  const clock = { language: "en", now: Date.parse("2026-03-03T10:00:00.000Z") };
  const levers = [lever("relu2"), lever("ema", { claimedDeltaBpb: null }), lever("wsd")];
  const ledger = { path: "/w/assertions/seed_results.jsonl", sound: true, findings: [], verdicts: [recorded()] };
  const state = (changes: Partial<LeversState["book"] & object> = {}, experiments = [] as LeversState["experiments"]) =>
    leverRows({ book: { levers, ledger, ...changes }, experiments }, clock, english);
  const outline = (rows: readonly ViewRow[]): string[] =>
    rows.flatMap((row) => [
      `${row.label}: ${row.description}`,
      ...(row.kind === "group" ? outline(row.rows).map((line) => `  ${line}`) : []),
    ]);
  const leverRow = (rows: readonly ViewRow[], id: string) => {
    const found = rows.flatMap((row) => (row.kind === "group" ? row.rows : [])).find((row) => row.lever.id === id);
    if (found === undefined) throw new Error(`no row of ${id}`);
    return found;
  };

  test("is empty until a daemon was there", () => {
    expect(leverRows({ book: null, experiments: [] }, clock, english)).toEqual([]);
  });

  test("groups every lever by its newest verdict, worst first, untested ones at the end", () => {
    expect(outline(state())).toEqual([
      "Refuted: 1",
      `  RELU2: ${minus}0.0042 [${minus}0.0060, ${minus}0.0024] \u00b7 claimed ${minus}0.0100 \u00b7 3 seeds \u00b7 2 days ago`,
      "Not tested: 2",
      "  EMA: no number claimed",
      `  WSD: claimed ${minus}0.0100`,
    ]);
    const newer = recorded({ line: 2, experimentId: "a".repeat(64), outcome: outcome({ verdict: "survived" }) });
    const rows = state({ ledger: { ...ledger, verdicts: [recorded(), newer] } });
    expect(outline(rows)[0]).toBe("Survived: 1");
    expect(leverRow(rows, "relu2").verdicts.map(({ verdict }) => verdict.line)).toEqual([2, 1]);
  });

  test("has each standing in a group and an icon of its own, and each row an id of its own", () => {
    const kinds = ["refuted", "survived", "inconclusive", "dead-lever", "invalid"] as const;
    const verdicts = kinds.map((verdict, i) =>
      recorded({ line: i + 1, lever: verdict, experimentId: verdict, outcome: outcome({ verdict }) }),
    );
    const rows = state({
      levers: [...kinds.map((id) => lever(id)), lever("new")],
      ledger: { ...ledger, verdicts },
    });
    expect(rows.map(({ label }) => label)).toEqual([
      "Refuted",
      "Dead",
      "Invalid",
      "Inconclusive",
      "Survived",
      "Not tested",
    ]);
    expect(new Set(rows.map(({ icon }) => icon.id)).size).toBe(6);
    const all = rows.flatMap((row) => [row, ...(row.kind === "group" ? row.rows : [])]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test("shows what runs first, and hides no lever that this version has lost", () => {
    const gone = recorded({ line: 2, lever: "warp", experimentId: "b".repeat(64) });
    const rows = state({ ledger: { ...ledger, verdicts: [gone] } }, [experiment()]);
    expect(outline(rows).slice(0, 3)).toEqual([
      "Falsifying RELU2: 42 % \u00b7 Training the pairs",
      "Refuted: 1",
      expect.stringContaining("warp: "),
    ]);
  });

  test("says when the ledger is not sound, with the line", () => {
    const findings = [{ line: 7, message: "The row was changed." }];
    const [row] = state({ ledger: { ...ledger, sound: false, findings } });
    expect(row).toMatchObject({ kind: "warning", description: "line 7: The row was changed.", line: 7 });
  });

  test("says what has failed or was stopped since the last verdict, and not what was before it", () => {
    const failed = experiment({ status: "failed", failure: { code: "x", message: "No disk." } });
    const row = leverRow(state({}, [failed]), "relu2");
    expect(row.description).toContain("could not be run \u00b7 ");
    expect(leverTooltip(row, english)).toContain("Could not be run: No disk");
    const old = experiment({ status: "stopped", startedAt: 0 });
    expect(leverRow(state({}, [old]), "relu2").unfinished).toBeNull();
    expect(leverRow(state({}, [{ ...old, lever: "ema" }]), "ema").description).toBe("stopped \u00b7 no number claimed");
  });

  test("has tooltips with all numbers, and nothing of a hostile ledger becomes a link", () => {
    const text = leverTooltip(leverRow(state(), "relu2"), english);
    for (const part of [
      "**RELU2** `relu2`",
      "relu2 helps",
      `**${minus}0.0042 [${minus}0.0060, ${minus}0.0024]** BPB at 99 %`,
      "| 43 | &emsp;2.1000 | &emsp;2.0958 |",
      "6 GFLOP",
      "ledger line 1",
      "`text 0123456789ab`, `chunked`",
    ]) {
      expect(text).toContain(part);
    }
    const hostile = recorded({
      race: "[x](command:evil)",
      corpus: "` | x",
      outcome: outcome({ reasons: ["<b>![i](http://x)"] }),
    });
    const shown = verdictTooltip(hostile, english);
    expect(shown).not.toContain("](");
    expect(shown).not.toMatch(/(^|[^\\])</);
    expect(shown).toContain("`    x`");
  });

  test("cuts long tables of pairs", () => {
    const pairs = Array.from({ length: 20 }, (_, i) => ({ seed: i, off: 2, on: i === 3 ? null : 2 }));
    const text = verdictTooltip(recorded({ outcome: outcome({ pairs }) }), english);
    expect(text).toContain("| 8 more |");
    expect(text).toContain("&emsp;diverged");
  });
});

describe("tests", () => {
  test("fail where the claim fell, pass where it stood, and skip what nothing was decided of", () => {
    const states = (["refuted", "dead-lever", "survived", "inconclusive", "invalid"] as const).map(
      (verdict) => resultOfVerdict(outcome({ verdict }), english).state,
    );
    expect(states).toEqual(["failed", "failed", "passed", "skipped", "errored"]);
    const { message, description } = resultOfVerdict(outcome(), english);
    expect(message).toContain("**Refuted**");
    expect(message).toContain("| 43 |");
    expect(description).toContain("Refuted \u00b7");
    expect(resultOfVerdict(outcome({ verdict: "survived" }), english).message).toBe("");
  });

  test("of experiments without a verdict: none while it runs, skipped when stopped, an error when failed", () => {
    expect(resultOfExperiment(experiment(), english)).toBeNull();
    expect(resultOfExperiment(experiment({ status: "stopped" }), english)?.state).toBe("skipped");
    const failed = experiment({ status: "failed", failure: { code: "x", message: "No disk." } });
    expect(resultOfExperiment(failed, english)).toMatchObject({ state: "errored", message: "No disk." });
    const decided = experiment({ status: "decided", verdict: outcome() });
    expect(resultOfExperiment(decided, english)?.state).toBe("failed");
  });

  test("take the newest verdict of their own file", () => {
    const verdicts = [recorded(), recorded({ line: 2 }), recorded({ line: 3, race: "other.igla.toml" })];
    expect(verdictOfTest(verdicts, "lab/race.igla.toml", "relu2")?.line).toBe(2);
    expect(verdictOfTest(verdicts, "lab/race.igla.toml", "ema")).toBeNull();
  });
});

test("what an experiment trains is no race of its file", () => {
  const path = "/w/lab/race.igla.toml";
  const of = (name: string) => raceOf(path, new Map([["r1", { ...raceState([]), raceId: "r1", path, name }]]));
  expect(of("mine")?.name).toBe("mine");
  for (const part of ["alive", "look 1", "look 2 off", "look 2 on"]) {
    expect(of(experimentRaceName("qk-norm", "0123abcd", part)), part).toBeNull();
  }
  expect(isExperimentRace({ name: "falsify everything" })).toBe(false);
});
