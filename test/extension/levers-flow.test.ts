/** Experiments as the editor follows them: the store, messages through a reload, tree rows, tests and their runs. */
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import { type GateId, gateTitles } from "../../daemon/protocol/gates.ts";
import type { RequestDefinition } from "../../daemon/protocol/request.ts";
import type { Connection, ConnectionStatus } from "../../extension/connection/connection.ts";
import { Emitter } from "../../extension/connection/emitter.ts";
import { Experiments } from "../../extension/levers/experiments.ts";
import { LeverTests, type TestFlow } from "../../extension/levers/lever-tests.ts";
import type { ViewRow } from "../../extension/levers/levers-model.ts";
import { LeversTree } from "../../extension/levers/levers-tree.ts";
import { ExperimentNews } from "../../extension/levers/news.ts";
import { experiment, lever, outcome, recorded } from "../fixtures/experiments.ts";
import { suiteCase, suiteDocument } from "../fixtures/suite-document.ts";

interface Told {
  readonly what: string;
  readonly item?: { readonly id: string; readonly label: string; description?: string };
  readonly message?: { readonly message: { readonly value: string } };
}
interface Controller {
  readonly resolveHandler: (item?: unknown) => Promise<void>;
  readonly items: Map<string, { children: Map<string, unknown> }>;
  readonly profile: { readonly run: (request: object, token: object) => Promise<void> };
}
interface Stub {
  readonly vscode: typeof import("vscode");
  readonly messages: { kind: string; text: string; actions: string[] }[];
  readonly texts: Map<string, string>;
  readonly tests: Told[] & { controller: Controller; cancel: () => void };
}

const stub = vi.hoisted(() => ({ current: null as unknown }));
vi.mock("vscode", () => {
  stub.current = createRequire(import.meta.url)("../fixtures/vscode.cjs").createVscode({ folder: "/w" });
  return (stub.current as Stub).vscode;
});
const played = () => stub.current as Stub;

const rethrow = (error: unknown): never => {
  throw error;
};

class FakeConnection {
  readonly changes = new Emitter<Experiment>(rethrow);
  readonly statuses = new Emitter<ConnectionStatus>(rethrow);
  readonly onDidChangeExperiment = this.changes.event;
  readonly onDidChangeStatus = this.statuses.event;
  readonly asked: string[] = [];
  status: ConnectionStatus = { kind: "idle" };
  listed: Experiment[] = [];
  verdicts = [recorded()];
  async request({ name }: RequestDefinition): Promise<unknown> {
    this.asked.push(name);
    if (name === "experiment/list") return { experiments: this.listed };
    if (name === "lever/list") return { levers: [lever("relu2"), lever("ema")] };
    if (name === "experiment/stop") return this.listed[0];
    return { path: "/w/assertions/seed_results.jsonl", sound: true, findings: [], verdicts: this.verdicts };
  }
  async connect(): Promise<void> {
    this.status = { kind: "connected", pid: 1 };
    this.statuses.fire(this.status);
    await settle();
  }
  async tell(changes: Partial<Experiment>): Promise<void> {
    this.changes.fire(experiment(changes));
    await settle();
  }
}

/** Longer than the store keeps changes back. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 300));

let connection: FakeConnection;
let experiments: Experiments;
let stored: Map<string, unknown>;
const parts: { dispose(): unknown }[] = [];
const log = { info() {}, error: rethrow, warn() {} } as never;
const memory = () => ({
  get: (key: string, fallback: unknown) => stored.get(key) ?? fallback,
  update: async (key: string, value: unknown) => void stored.set(key, JSON.parse(JSON.stringify(value))),
});
const news = () => {
  const made = new ExperimentNews(connection as never, experiments, memory() as never, log);
  parts.push(made);
  return made;
};

beforeEach(async () => {
  await import("vscode");
  // The store loads schemas on first use, which may take longer than a test waits.
  await import("../../daemon/protocol/requests.ts");
  connection = new FakeConnection();
  experiments = new Experiments(connection as unknown as Connection, rethrow);
  stored = new Map();
  played().messages.length = 0;
  played().tests.length = 0;
  played().texts.clear();
  parts.push(experiments);
});
afterEach(() => {
  for (const part of parts.splice(0)) part.dispose();
});

describe("the store", () => {
  test("asks when a daemon is there, and keeps what it knows when it goes away", async () => {
    expect(experiments.book).toBeNull();
    connection.listed = [experiment()];
    const heard: string[] = [];
    experiments.onDidChangeExperiment(({ status }) => heard.push(status));
    await connection.connect();
    expect(heard).toEqual(["running"]);
    expect(experiments.running?.experimentId).toBe(experiment().experimentId);
    expect(experiments.titleOf("ema")).toBe("EMA");
    connection.statuses.fire({ kind: "lost", reason: "gone" });
    expect(experiments.book?.ledger.verdicts).toHaveLength(1);
  });

  test("has read the ledger before anybody hears of a verdict", async () => {
    await connection.connect();
    const seen: number[] = [];
    experiments.onDidChangeExperiment(() => seen.push(experiments.book?.ledger.verdicts.length ?? 0));
    connection.verdicts = [recorded(), recorded({ line: 2 })];
    await connection.tell({ status: "decided", verdict: outcome() });
    expect(seen).toEqual([2]);
  });

  test("believes what it hears rather than a list that is older", async () => {
    connection.listed = [experiment()];
    const connecting = connection.connect();
    connection.changes.fire(experiment({ status: "stopped" }));
    await connecting;
    expect(experiments.running).toBeNull();
  });
});

describe("messages", () => {
  test("tell the verdict of what this window has started, once, and nothing of others", async () => {
    const told = news();
    await connection.connect();
    await connection.tell({ experimentId: "other", status: "stopped" });
    expect(played().messages).toEqual([]);
    await told.follow(experiment());
    connection.verdicts = [recorded({ experimentId: experiment().experimentId })];
    for (let i = 0; i < 2; i++) await connection.tell({ status: "decided", verdict: outcome() });
    expect(played().messages).toEqual([
      {
        kind: "information",
        text: expect.stringContaining("RELU2: Refuted. Change"),
        actions: ["Open ledger line", "Show levers"],
      },
    ]);
    expect(stored.get("igla.experiments")).toEqual([]);
  });

  test("survive a reload: progress comes back, and a verdict that was given meanwhile is told", async () => {
    stored.set("igla.experiments", [{ experimentId: experiment().experimentId, path: "/w/a", lever: "relu2" }]);
    const withProgress = vi.spyOn(played().vscode.window, "withProgress");
    connection.listed = [experiment()];
    news();
    const connecting = connection.connect();
    // Heard before the catalogue is known, which has the lever's title.
    connection.changes.fire(experiment({ doneSteps: 430 }));
    await connecting;
    expect(withProgress).toHaveBeenCalledOnce();
    expect(withProgress.mock.calls[0]?.[0]).toMatchObject({ title: "Falsifying RELU2", cancellable: true });
    withProgress.mockRestore();
    await connection.tell({ status: "failed", failure: { code: "x", message: "No disk." } });
    expect(played().messages[0]).toMatchObject({ kind: "error", actions: ["Try again", "Show log"] });
  });

  test("say that an experiment was interrupted, unless the ledger has its verdict", async () => {
    const started = (experimentId: string) => ({ experimentId, path: "/w/a", lever: "relu2" });
    stored.set("igla.experiments", [started("gone"), started(recorded().experimentId)]);
    news();
    await connection.connect();
    expect(played().messages.map(({ text, actions }) => [text.split(":")[0], actions[0]])).toEqual([
      ["The experiment on RELU2 was interrupted", "Continue"],
      ["RELU2", "Open ledger line"],
    ]);
  });

  test("leave to the Test Explorer what it has started", async () => {
    const told = news();
    await connection.connect();
    await told.follow(experiment(), true);
    await connection.tell({ status: "decided", verdict: outcome() });
    expect(played().messages).toEqual([]);
  });
});

describe("the tree", () => {
  test("draws one row again while an experiment gets on, and all when something else has changed", async () => {
    const tree = new LeversTree(experiments);
    parts.push(tree);
    await connection.connect();
    await connection.tell({});
    const drawn: (ViewRow | undefined)[] = [];
    tree.onDidChangeTreeData((row) => drawn.push(row));
    const [row] = tree.getChildren();
    await connection.tell({ doneSteps: 500 });
    expect(drawn).toEqual([row]);
    expect(row?.description).toBe("50 % \u00b7 Training the pairs");
    await connection.tell({ status: "decided", verdict: outcome() });
    expect(drawn).toHaveLength(2);
    expect(drawn[1]).toBeUndefined();
    expect(tree.getChildren().map(({ kind }) => kind)).toEqual(["group", "group"]);
  });

  test("offers what fits the row", async () => {
    const tree = new LeversTree(experiments);
    parts.push(tree);
    connection.verdicts = [recorded(), recorded({ line: 2 })];
    await connection.connect();
    await connection.tell({});
    const rows = tree.getChildren().flatMap((row) => [row, ...tree.getChildren(row)]);
    expect(rows.map((row) => `${row.label} ${tree.getTreeItem(row).contextValue}`)).toEqual([
      "Falsifying RELU2 running",
      "Refuted group",
      "RELU2 lever tested",
      "Not tested group",
      "EMA lever",
    ]);
    const tested = rows[2];
    expect(tested && tree.getChildren(tested).map(({ kind }) => kind)).toEqual(["verdict", "verdict"]);
  });
});

describe("the Test Explorer", () => {
  const path = "/w/lab/race.igla.toml";
  const isGate = ({ item }: Told) => item?.id.startsWith("gates/") === true;
  const words = (told: Told[]) => told.map(({ what, item }) => [what, item?.label].filter(Boolean).join(" "));
  /** Of levers. */
  const told = () => words(played().tests.filter((one) => !isGate(one)));
  const never = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
  const leversOf = ({ items }: Controller) => [...(items.get(`file://${path}`)?.children ?? [])];
  const stopped: string[] = [];
  beforeEach(() => void stopped.splice(0));
  const open = async (
    prepare: TestFlow["prepare"] = async () => [],
    runSuite: TestFlow["runSuite"] = async () => suiteDocument(),
  ) => {
    played().texts.set(path, "[levers.relu2]\n[levers.ema]\n");
    const tests = new LeverTests(connection as unknown as Connection, experiments, {
      prepare,
      runSuite,
      look: () => undefined,
      stop: async (id) => void stopped.push(id),
      onError: rethrow,
    });
    parts.push(tests);
    await played().tests.controller.resolveHandler(undefined);
    return played().tests.controller;
  };

  test("has a file with a test for each of its levers, and the ledger's verdicts as results, once", async () => {
    const controller = await open();
    expect(told()).toEqual([]);
    await connection.connect();
    expect(leversOf(controller).map(([id]) => id)).toEqual([`file://${path}#relu2`, `file://${path}#ema`]);
    expect(told()).toEqual(["failed RELU2", "end"]);
    expect(played().tests[0]?.message?.message.value).toContain("**Refuted**");
    await experiments.load();
    await settle();
    expect(told()).toHaveLength(2);
  });

  test("shows experiments that were started elsewhere while they run", async () => {
    connection.verdicts = [];
    await open();
    await connection.connect();
    await connection.tell({});
    await connection.tell({ doneSteps: 500 });
    expect(told()).toEqual(["started RELU2"]);
    played().tests.cancel();
    expect(stopped).toEqual([experiment().experimentId]);
    await connection.tell({ status: "decided", verdict: outcome({ verdict: "survived" }) });
    expect(told()).toEqual(["started RELU2", "passed RELU2", "end"]);
  });

  test("asks once for a run, runs one after the other, and leaves out what was not wanted", async () => {
    connection.verdicts = [];
    const wanted: string[][] = [];
    const started: string[] = [];
    const controller = await open(async (targets) => {
      wanted.push(targets.map(({ lever: id }) => id));
      return targets.map(({ lever: id }) => async () => {
        started.push(id);
        const begun = experiment({ lever: id, experimentId: `x-${id}` });
        setTimeout(() => connection.tell({ ...begun, status: "decided", verdict: outcome() }), 20);
        return begun;
      });
    });
    await connection.connect();
    await controller.profile.run({}, never);
    expect(wanted).toEqual([["relu2", "ema"]]);
    expect(started).toEqual(["relu2", "ema"]);
    expect(told()).toEqual([
      "enqueued RELU2",
      "enqueued EMA",
      "started RELU2",
      "failed RELU2",
      "started EMA",
      "failed EMA",
      "end",
    ]);
  });

  test("skips what the user has said no to, and says at each test why it cannot be planned", async () => {
    connection.verdicts = [];
    const controller = await open();
    await connection.connect();
    await controller.profile.run({}, never);
    expect(told().slice(2)).toEqual(["skipped RELU2", "skipped EMA", "end"]);
    played().tests.length = 0;
    const failing = await open(async () => rethrow(new Error("no corpus")));
    await failing.profile.run({}, never);
    expect(told().slice(2)).toEqual(["errored RELU2", "errored EMA", "end"]);
    const refused = played().tests.find(({ what }) => what === "errored");
    expect(refused?.message?.message.value).toBe("no corpus");
  });

  test("a run ends with its own experiment, however early that ends, and with no older one", async () => {
    connection.verdicts = [];
    const begun = experiment({ experimentId: "mine" });
    const controller = await open(async () => [
      async () => {
        await connection.tell({ experimentId: "older", status: "stopped" });
        connection.changes.fire({ ...begun, status: "decided", verdict: outcome() });
        await settle();
        return begun;
      },
    ]);
    await connection.connect();
    const item = leversOf(controller)[0]?.[1];
    await controller.profile.run({ include: [item] }, never);
    expect(told()).toEqual(["enqueued RELU2", "started RELU2", "failed RELU2", "end"]);
  });

  test("stops the experiment when the run is cancelled", async () => {
    connection.verdicts = [];
    const cancel = new Emitter<undefined>(rethrow);
    const token = { isCancellationRequested: false, onCancellationRequested: cancel.event };
    const controller = await open(async ([first]) => [
      async () => {
        setTimeout(() => cancel.fire(undefined), 20);
        setTimeout(() => connection.tell({ experimentId: "x", status: "stopped" }), 60);
        return experiment({ lever: first?.lever ?? "", experimentId: "x" });
      },
    ]);
    await connection.connect();
    const item = leversOf(controller)[0]?.[1];
    await controller.profile.run({ include: [item] }, token);
    expect(stopped).toEqual(["x"]);
    expect(told()).toEqual(["enqueued RELU2", "started RELU2", "skipped RELU2", "end"]);
  });

  describe("holds the gates", () => {
    const gates = ({ items }: Controller) => items.get("gates")?.children ?? new Map<string, unknown>();
    const ofGates = () => words(played().tests.filter(isGate));

    test("from the first look on, after each search for files, and starts nothing for it", async () => {
      const runSuite = vi.fn(async () => suiteDocument());
      const controller = await open(undefined, runSuite);
      await controller.resolveHandler(undefined);
      expect([...gates(controller).keys()]).toEqual(Object.keys(gateTitles).map((id) => `gates/${id}`));
      expect(gates(controller).get("gates/V1")).toMatchObject({
        label: "V1: muP coordinate check",
        description: "not run yet",
      });
      expect(runSuite).not.toHaveBeenCalled();
    });

    test("runs the suite for one of them, asks nothing of levers, and reports all", async () => {
      const missed = suiteCase("leak", "plant", { title: "a copied text", ok: false, verdict: "pass" });
      const prepare = vi.fn(async () => []);
      const controller = await open(prepare, async () => suiteDocument({ leak: [missed, suiteCase("leak", "clean")] }));
      await controller.profile.run({ include: [gates(controller).get("gates/V1")] }, never);
      const label = (id: GateId) => `${id}: ${gateTitles[id]}`;
      const others = (Object.keys(gateTitles) as GateId[]).filter((id) => id !== "V1");
      expect(ofGates()).toEqual([
        `started ${label("V1")}`,
        `passed ${label("V1")}`,
        ...others.map((id) => `${id === "leak" ? "failed" : "passed"} ${label(id)}`),
      ]);
      expect(told()).toEqual(["end", "end"]);
      const leak = played().tests.find(({ what }) => what === "failed");
      expect(leak?.message?.message.value).toContain("Plant missed: a copied text");
      expect(prepare).not.toHaveBeenCalled();
    });

    test("runs them with all else, and not at all with a lever of its own", async () => {
      connection.verdicts = [];
      const runSuite = vi.fn(async () => suiteDocument());
      const controller = await open(undefined, runSuite);
      await connection.connect();
      await controller.profile.run({ include: [leversOf(controller)[0]?.[1]] }, never);
      expect(runSuite).not.toHaveBeenCalled();
      await controller.profile.run({}, never);
      expect(runSuite).toHaveBeenCalledTimes(1);
      expect(ofGates().filter((text) => text.startsWith("passed"))).toHaveLength(Object.keys(gateTitles).length);
    });

    test("says at each why the suite could not be run", async () => {
      const controller = await open(undefined, async () => rethrow(new Error("no WebAssembly")));
      await controller.profile.run({ include: [controller.items.get("gates")] }, never);
      const errors = played().tests.filter(({ what }) => what === "errored");
      expect(errors).toHaveLength(Object.keys(gateTitles).length);
      expect(errors[0]?.message?.message.value).toBe("no WebAssembly");
    });

    test("ends the suite when the run is cancelled, and then knows nothing", async () => {
      const cancel = new Emitter<undefined>(rethrow);
      const token = { isCancellationRequested: false, onCancellationRequested: cancel.event };
      const controller = await open(undefined, (signal) => {
        setTimeout(() => cancel.fire(undefined), 10);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
      const one = gates(controller).get("gates/V2");
      await controller.profile.run({ include: [one] }, token);
      expect(ofGates().map((text) => text.split(" ")[0])).toEqual(["started", "skipped"]);
      expect(one).toMatchObject({ description: "stopped" });
    });
  });
});
