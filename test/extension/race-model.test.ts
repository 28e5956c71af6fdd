/** The race tree's content: order, words, pages, and what it costs with thousands of trials. */
import { describe, expect, test } from "vitest";
import type { GuardFinding } from "../../daemon/protocol/guards.ts";
import { escapeMarkdown } from "../../daemon/protocol/markdown.ts";
import type { TrialState } from "../../daemon/protocol/state.ts";
import { english } from "../../extension/translate.ts";
import { canonName } from "../../extension/views/canon-name.ts";
import { formatCount } from "../../extension/views/format.ts";
import { bestTrials, defaultRace } from "../../extension/views/plotted.ts";
import { buildRaceModel, childNodes, raceNode, raceRow, rungRow, trialRow } from "../../extension/views/race-model.ts";
import { raceText, trialText } from "../../extension/views/tooltip-text.ts";
import { raceState, trialState } from "../fixtures/race-states.ts";

const none: ReadonlySet<string> = new Set();
const result = (rung: number, step: number, valBpb: number | null) => ({ rung, step, valBpb });
const at = (number: number, valBpb: number | null, rung = 0): TrialState =>
  trialState(number, { results: [result(rung, [1000, 3000, 9000][rung] ?? 0, valBpb)], step: 1000 });

describe("order", () => {
  test("the last rung stands first; in a rung the pinned, then the best, then those without a number", () => {
    const job = { rung: 1, fromStep: 1000, toStep: 3000, orderSeq: 5 };
    const race = raceState([
      at(0, 2.5),
      at(1, null),
      at(2, 2.1),
      trialState(3),
      at(4, 2.5),
      { ...at(5, 2.0), status: "running", job },
      at(6, 3),
    ]);
    const model = buildRaceModel(race, new Set(["r1-t0006"]));
    expect(model.rungs.map(({ rung }) => rung)).toEqual([1, 0]);
    expect(model.rungs.map(({ trials }) => trials.map(({ number }) => number))).toEqual([[5], [6, 2, 0, 4, 1, 3]]);
    expect(model.rungs.map(({ running }) => running)).toEqual([1, 0]);
  });

  test("children have ids that do not depend on the order, and a rung shows one page", () => {
    const model = buildRaceModel(raceState(Array.from({ length: 7 }, (_, i) => at(i, 3 - i / 10))), none);
    const rungs = childNodes(model, raceNode("r1"), 3);
    expect(rungs.map(({ id }) => id)).toEqual(["r1/0"]);
    const [rung] = rungs;
    if (rung === undefined) throw new Error("no rung");
    expect(childNodes(model, rung, 3).map(({ id }) => id)).toEqual(["r1-t0006", "r1-t0005", "r1-t0004", "r1/0/more"]);
    expect(childNodes(model, rung, 7)).toHaveLength(7);
  });
});

describe("words", () => {
  const running = trialState(3, {
    status: "running",
    step: 3000,
    results: [result(0, 1000, 2.1834)],
    point: { "optimizer.lr": 0.00312, "levers.softcap": { cap: 15 }, "levers.muon": true, "levers.relu2": false },
  });

  test("a running trial tells its BPB, step and its share of the speed", () => {
    const race = raceState([running], {
      speed: { tokensPerSec: 82_000, stepsPerSec: 1 },
      group: { groupId: "g", trialIds: ["r1-t0003", "r1-t0004"] },
    });
    expect(trialRow(buildRaceModel(race, none), running, false, english)).toMatchObject({
      label: "#3",
      description: "2.183 BPB - step 3000 - 41k tok/s - lr 0.00312, softcap(cap 15), muon",
      icon: "play-circle",
      contextValue: "trial loose pausable stoppable",
    });
  });

  test("before the first evaluation the training loss is named as such", () => {
    const young = trialState(0, { status: "running", step: 20, lossNats: 2 * Math.LN2 });
    const row = trialRow(buildRaceModel(raceState([young]), none), young, false, english);
    expect(row.description).toBe("training 2.000 BPB - step 20 - lr 0.001");
  });

  test("seeds are told apart where there are several", () => {
    const [a, b] = [at(0, 2), { ...at(1, 2.5), seed: 44 }];
    const row = trialRow(buildRaceModel(raceState([a, b]), none), b, false, english);
    expect(row.description).toBe("2.500 BPB - step 1000 - paused - seed 44 - lr 0.002");
  });

  test("menus offer what can be done", () => {
    const words = (changes: Partial<TrialState>, status: "running" | "finished" = "running") => {
      const trial = trialState(0, changes);
      return trialRow(buildRaceModel(raceState([trial], { status }), none), trial, true, english).contextValue;
    };
    const checkpoints = [{ file: "f", sha256: "0".repeat(64), step: 1, bytes: 1 }];
    expect(words({})).toBe("trial pinned pausable stoppable");
    expect(words({ held: true, status: "held" })).toBe("trial pinned resumable stoppable");
    expect(words({ status: "killed" })).toBe("trial pinned");
    expect(words({ status: "completed", checkpoints })).toBe("trial pinned saved");
    expect(words({}, "finished")).toBe("trial pinned");
    const race = (status: "queued" | "failed" | "stopped") =>
      raceRow(buildRaceModel(raceState([], { status }), none), english).contextValue;
    expect([race("queued"), race("failed"), race("stopped")]).toEqual([
      "race pausable stoppable",
      "race resumable stoppable",
      "race",
    ]);
  });

  test("rungs and races are summed up", () => {
    const best = { trialId: "r1-t0000", valBpb: 2.0001, step: 1000 };
    const model = buildRaceModel(raceState([at(0, 2), running], { best }), none);
    expect(raceRow(model, english)).toMatchObject({ label: "demo", description: "running - 2.000 BPB" });
    const [rung] = model.rungs;
    if (rung === undefined) throw new Error("no rung");
    expect(rungRow(model, rung, english)).toMatchObject({
      label: "Rung 1 - step 1000",
      description: "2 trials - 1 running",
    });
  });

  test("counts are short", () => {
    expect([0, 950, 999.6, 1234, 9960, 41_200, 999_499, 1_250_000].map(formatCount)).toEqual([
      "0",
      "950",
      "1k",
      "1.2k",
      "10k",
      "41k",
      "999k",
      "1.3M",
    ]);
  });
});

describe("tooltips", () => {
  test("tell the point, the curve of results, the text and the last decision", () => {
    const trial = at(2, 2.1834);
    const corpus = { name: "a|b", sha256: "86c4e6aa9db7c042", bytes: 10, tag: "ascii" as const, origin: "cache" };
    const decisions = [
      { seq: 1, at: 1, action: "start" as const, rung: 0, rule: "asha-start", inputs: {} },
      { seq: 5, at: 2, action: "promote" as const, rung: 1, rule: "asha-top", inputs: { finished: 9, quota: 3 } },
    ];
    const spec = { data: { corpus: "x", split: "three-way", protocol: "chunked" } };
    const text = trialText(raceState([trial], { corpus }), trial, { spec, decisions } as never, english);
    expect(text).toContain("| `optimizer.lr` | `0.003` |");
    expect(text).toContain("| 1 | 1000 | 2.183 |");
    expect(text).toContain("`a b 86c4e6aa9db7 ascii`, `three-way`, `chunked`");
    expect(text).toContain("**promote** by rule `asha-top`");
    expect(text).toContain("finished = 9, quota = 3");
  });

  test("a race that breaks invariants says so, with the theorem behind, and its row does too", () => {
    const place = { path: "a.json", range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } } };
    const guard: GuardFinding = {
      id: "INV-8",
      action: "warn",
      outcome: "violated",
      message: "Rates [outside] diverge.",
      detail: "optimizer.lr is 0.01.",
      key: "optimizer.lr",
      varies: false,
      theorem: { name: "ends", path: "proofs/Band.v", claim: "Proven", status: null },
      place,
    };
    const others: GuardFinding[] = [
      { ...guard, id: "INV-2", outcome: "holds" },
      { ...guard, id: "INV-1", outcome: "later", action: "hard_penalty" },
      { ...guard, id: "INV-9", outcome: "not-applicable" },
    ];
    const race = raceState([], { guards: [guard, ...others] });
    expect(raceRow(buildRaceModel(race, none), english).description).toBe("running - breaks INV-8");
    const text = raceText(race, english);
    expect(text).toContain("$(warning) **INV\\-8** Rates \\[outside\\] diverge\\. optimizer\\.lr is 0\\.01\\.");
    expect(text).toContain("Theorem `ends, proofs/Band.v`: the file says Proven");
    expect(text).toContain("Invariants kept: `INV-2`");
    expect(text).toContain("Invariants watched while it trains: `INV-1`");
    expect(text).not.toContain("INV-9");
    expect(text).not.toContain("Penalised");
    const penalised = raceState([], { guards: [{ ...guard, action: "hard_penalty" }] });
    expect(raceRow(buildRaceModel(penalised, none), english).description).toBe("running - breaks INV-8 - penalised");
    expect(raceText(penalised, english)).toContain("Penalised: its trials rank behind those of all other races.");
    expect(raceRow(buildRaceModel(raceState([]), none), english).description).toBe("running");
  });

  test("text of a configuration cannot become markup or a link", () => {
    expect(escapeMarkdown("[run](command:x) <b> `a` $(x)\nb")).toBe(
      "\\[run\\]\\(command:x\\) \\<b\\> \\`a\\` \\$\\(x\\) b",
    );
    const trial = trialState(0, { point: { "data.corpus": "a`](command:x)`b" }, reason: "[x](command:y)" });
    const text = trialText(raceState([trial]), trial, null, english);
    expect(text).toContain("``a`](command:x)`b``");
    expect(text).toContain("\\[x\\]\\(command:y\\)");
  });
});

describe("chart defaults", () => {
  test("the best trials of the race that trains, else of the newest with trials", () => {
    const old = { ...raceState([at(0, 2)]), createdAt: 1, status: "finished" as const };
    const fresh = { ...raceState([at(1, 2.5), at(2, 2.1), trialState(3)]), raceId: "r2", createdAt: 2 };
    const waiting = { ...raceState([]), raceId: "r3", createdAt: 3, status: "queued" as const };
    const races = new Map([old, fresh, waiting].map((race) => [race.raceId, race]));
    expect(defaultRace(races)?.raceId).toBe("r2");
    expect(
      defaultRace(
        new Map([
          ["r1", { ...old, status: "running", group: { groupId: "g", trialIds: [] } }],
          ["r2", fresh],
        ]),
      )?.raceId,
    ).toBe("r1");
    expect(bestTrials(fresh, 2)).toEqual(["r1-t0002", "r1-t0001"]);
  });
});

test("canon names have the form of the specification", () => {
  const fields = { raceName: "my race!", number: 0, seed: 43, optimizer: "adamw", levers: ["softcap"] };
  expect(canonName(fields)).toBe("IGLA-TRAIN_V2-FP32-MYRACE-E0005-seed43");
  expect(canonName({ ...fields, number: 41, levers: ["muon"] })).toBe("IGLA-MUON-FP32-MYRACE-E0046-seed43");
  expect(canonName({ ...fields, raceName: "гонка" })).toBe("IGLA-TRAIN_V2-FP32-RACE-E0005-seed43");
});

test("5,000 trials are modelled within a frame or two", () => {
  const trials = Array.from({ length: 5000 }, (_, i) =>
    trialState(i, {
      status: i % 50 === 0 ? "running" : "paused",
      step: 1000,
      results: [result(i % 3, 1000, 2 + ((i * 7919) % 1000) / 1000)],
    }),
  );
  const race = raceState(trials);
  const times: number[] = [];
  for (let round = 0; round < 15; round++) {
    const startedAt = performance.now();
    const model = buildRaceModel(race, none);
    for (const rung of childNodes(model, raceNode("r1"), 200)) {
      for (const node of childNodes(model, rung, 200)) {
        const trial = node.kind === "trial" ? race.trials[node.trialId] : undefined;
        if (trial !== undefined) trialRow(model, trial, false, english);
      }
    }
    times.push(performance.now() - startedAt);
  }
  const median = times.sort((a, b) => a - b)[7] ?? Number.NaN;
  console.log(`tree model of 5,000 trials, 600 rows: ${median.toFixed(1)} ms (median of 15)`);
  expect(median).toBeLessThan(250);
});
