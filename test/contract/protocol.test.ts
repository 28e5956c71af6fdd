/** The document beside the schemas says what the schemas say, and the reducer knows every event. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { protocolText } from "../../daemon/protocol/digest.ts";
import { errorTable, IglaError, isErrorCode, toIglaError } from "../../daemon/protocol/errors.ts";
import { eventSchema, type IglaEvent } from "../../daemon/protocol/events.ts";
import type { GuardFinding } from "../../daemon/protocol/guards.ts";
import { reduce } from "../../daemon/protocol/reduce.ts";
import { notifications, requests } from "../../daemon/protocol/requests.ts";
import { boundCorpus, emptyRace, type RaceState, raceStateSchema } from "../../daemon/protocol/state.ts";
import { formatProtocol, protocolVersion } from "../../daemon/protocol/version.ts";
import { tinySpec } from "../fixtures/specs.ts";

const document = readFileSync(new URL("../../daemon/protocol/PROTOCOL.md", import.meta.url), "utf8");
const listed = (section: string) => {
  const part = document.split(`| ${section} |`)[1]?.split("\n\n")[0] ?? "";
  return [...part.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);
};

describe("PROTOCOL.md", () => {
  test("carries the hash and version of the schemas", () => {
    const hash = createHash("sha256").update(protocolText()).digest("hex");
    expect(document).toContain(`Version ${formatProtocol(protocolVersion)}. Schema SHA-256: \`${hash}\``);
  });

  test("lists every request, notification and event, and no other", () => {
    expect(listed("request")).toEqual(requests.map(({ name }) => name));
    expect(listed("notification")).toEqual(notifications.map(({ name }) => name));
    expect(listed("event")).toEqual(eventSchema.options.map(({ shape }) => shape.kind.value));
  });
});

describe("errors", () => {
  test("have a message and a way out, and requests declare only those of the table", () => {
    for (const { message, action } of Object.values(errorTable)) {
      expect(message).toMatch(/^[A-Z].*\.$/);
      expect(action).toMatch(/^[A-Z].*\.$/);
    }
    for (const { errors } of requests) expect(errors.every(isErrorCode)).toBe(true);
  });

  test("of an unknown kind become internal ones", () => {
    expect(toIglaError(new TypeError("x"))).toMatchObject({ code: "daemon.internal", detail: "x" });
    const known = new IglaError("race.not-found", "r7");
    expect(toIglaError(known)).toBe(known);
    expect(known.message).toContain("r7");
    expect(isErrorCode("toString")).toBe(false);
  });
});

describe("reduce", () => {
  const header = (seq: number) => ({ seq, raceId: "r1", at: seq });
  const backend = { kind: "cpu" as const, description: "cpu", software: false };
  const checkpoint = { file: "f", sha256: "a".repeat(64), step: 10, bytes: 1 };
  const evaluation = { valBpb: 2, nllNats: 1.4, bytes: 10, protocol: "chunked" };
  const trialId = "r1-t0000";
  const finding: GuardFinding = {
    id: "INV-1",
    action: "warn",
    outcome: "later",
    message: "m",
    detail: "d",
    key: null,
    varies: false,
    theorem: { name: "descent", path: "proofs/Descent.v", claim: "Admitted", status: null },
    place: { path: "a.json", range: { start: { line: 3, character: 4 }, end: { line: 9, character: 5 } } },
  };
  /** One of each kind, in an order that makes sense. */
  const log: readonly IglaEvent[] = [
    {
      kind: "race-created",
      ...header(1),
      name: "n",
      path: "/p",
      configText: "",
      configHash: "h",
      rungs: [
        { steps: 10, keep: "1/3" },
        { steps: 30, keep: null },
      ],
      maxTrials: 3,
      budgetSteps: null,
      reportEvery: 5,
      guards: [finding],
    },
    { kind: "race-state", ...header(2), status: "running", rule: "x", detail: "" },
    { kind: "trainer", ...header(3), status: "ready", pid: 7, backend, failures: 0, detail: "" },
    { kind: "lanes-fixed", ...header(4), lanes: 2, backend },
    { kind: "trial-created", ...header(5), trialId, number: 0, point: { a: 1 }, spec: tinySpec(), specHash: "s" },
    { kind: "decision", ...header(6), action: "start", trialId, rung: 0, rule: "asha", inputs: {} },
    { kind: "group-started", ...header(7), groupId: "g", jobs: [{ trialId, rung: 0, fromStep: 0, toStep: 10 }] },
    {
      kind: "group-info",
      ...header(8),
      groupId: "g",
      parameters: 9,
      bytesOnDevice: 9,
      corpus: { name: "c", sha256: "s", bytes: 1, tag: "ascii", origin: "o" },
    },
    {
      kind: "curve",
      ...header(9),
      points: [{ trialId, step: 5, lossNats: 3, gradNorm: 1 }],
      tokensPerSec: 1,
      stepsPerSec: 1,
    },
    { kind: "checkpoint", ...header(10), trialId, checkpoint: { ...checkpoint, file: "e", step: 5 } },
    { kind: "trial-state", ...header(11), trialId, status: "hold-requested" },
    {
      kind: "rung-result",
      ...header(12),
      trialId,
      rung: 0,
      step: 10,
      arrival: 0,
      outcome: { kind: "finished", evaluation, checkpoint },
    },
    { kind: "group-finished", ...header(13), groupId: "g" },
    { kind: "checkpoints-released", ...header(14), reason: "superseded", files: ["e"] },
    { kind: "replay-mismatch", ...header(15), trialId, step: 5, what: "curve-point", stored: {}, reported: {} },
    { kind: "guard", ...header(16), finding: { ...finding, outcome: "violated" }, trialId },
    { kind: "notice", ...header(17), level: "info", code: "n", message: "m", trialId: null },
  ];

  test("has an effect for every kind of event", () => {
    expect(new Set(log.map(({ kind }) => kind)).size).toBe(eventSchema.options.length);
    let state = emptyRace("r1");
    for (const event of log) {
      expect(eventSchema.parse(event)).toEqual(event);
      const next = reduce(state, event);
      expect({ ...next, seq: 0, updatedAt: 0 }).not.toEqual({ ...state, seq: 0, updatedAt: 0 });
      state = next;
      expect(raceStateSchema.parse(state)).toEqual(state);
    }
    expect(state).toMatchObject({ status: "running", resultCount: 1, trainedSteps: 10, replayMismatches: 1, lanes: 2 });
    expect(state.trials[trialId]).toMatchObject({ status: "paused", job: null, step: 10, checkpoints: [checkpoint] });
    expect(state.best).toEqual({ trialId, valBpb: 2, step: 10 });
    expect(state.guards).toEqual([{ ...finding, outcome: "violated" }]);
  });

  test("binds a race to the corpus of its client; events of races from before that have none", () => {
    const [created] = log as [Extract<IglaEvent, { kind: "race-created" }>];
    expect(reduce(emptyRace("r1"), created).corpusPin).toBeNull();
    const corpus = { path: "/data/c.txt", sha256: "a".repeat(64), name: "c", origin: "cache" };
    const bound = eventSchema.parse({ ...created, corpus });
    const state = reduce(emptyRace("r1"), bound);
    expect(raceStateSchema.parse(state).corpusPin).toEqual(corpus);
    expect(boundCorpus(state)).toBe(corpus.sha256);
  });

  test("changes nothing in place", () => {
    let state = emptyRace("r1");
    const deepFreeze = (value: unknown): void => {
      if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
      Object.freeze(value);
      for (const part of Object.values(value)) deepFreeze(part);
    };
    for (const event of log) {
      deepFreeze(state);
      state = reduce(state, event);
    }
    expect(state.seq).toBe(17);
  });

  test("gives the same in two halves as in one", () => {
    const whole = log.reduce(reduce, emptyRace("r1"));
    for (let cut = 0; cut <= log.length; cut++) {
      const half: RaceState = JSON.parse(JSON.stringify(log.slice(0, cut).reduce(reduce, emptyRace("r1"))));
      expect(log.slice(cut).reduce(reduce, half)).toEqual(whole);
    }
  });

  test("refuses events of another race and events that do not follow", () => {
    const [first] = log as [IglaEvent];
    expect(() => reduce(emptyRace("r2"), first)).toThrow(RangeError);
    expect(() => reduce(reduce(emptyRace("r1"), first), first)).toThrow(RangeError);
  });

  test("leaves the state alone on a kind that a later minor version may bring", () => {
    const unknown = { kind: "weather", ...header(1) } as unknown as IglaEvent;
    expect(reduce(emptyRace("r1"), unknown)).toEqual({ ...emptyRace("r1"), seq: 1, updatedAt: 1 });
  });
});
