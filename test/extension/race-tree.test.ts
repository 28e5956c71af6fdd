/** The tree as VS Code asks for it: stable nodes, pages, ticks, and only what has changed is drawn again. */
import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { ConnectionStatus } from "../../extension/connection/connection.ts";
import { Emitter } from "../../extension/connection/emitter.ts";
import { PlottedChoice } from "../../extension/views/plotted.ts";
import type { RaceNode } from "../../extension/views/race-model.ts";
import { RaceTree } from "../../extension/views/race-tree.ts";
import { raceState, trialState } from "../fixtures/race-states.ts";

vi.mock("vscode", () => createRequire(import.meta.url)("../fixtures/vscode.cjs").createVscode({ folder: "/w" }).vscode);

const rethrow = (error: unknown): never => {
  throw error;
};

class FakeConnection {
  readonly races = new Map<string, RaceState>();
  readonly raceChanges = new Emitter<string>(rethrow);
  readonly statuses = new Emitter<ConnectionStatus>(rethrow);
  readonly status: ConnectionStatus = { kind: "connected", pid: 1 };
  readonly onDidChangeRace = this.raceChanges.event;
  readonly onDidChangeStatus = this.statuses.event;
  readonly onDidReceiveEvent = new Emitter<IglaEvent>(rethrow).event;
  readonly onDidChangeExperiment = new Emitter<Experiment>(rethrow).event;
  readonly request = vi.fn(async () => rethrow(new Error("not expected")));
  set(race: RaceState): void {
    this.races.set(race.raceId, race);
    this.raceChanges.fire(race.raceId);
  }
}

let connection: FakeConnection;
let plotted: PlottedChoice;
let tree: RaceTree;
let stored: Map<string, unknown>;
/** Ids of the nodes that VS Code was told to draw again; "all" for the whole tree. */
let drawn: string[];

const memory = () => ({
  get: <T>(key: string) => stored.get(key) as T | undefined,
  update: async (key: string, value: unknown) => void stored.set(key, JSON.parse(JSON.stringify(value))),
});

beforeEach(() => {
  vi.useFakeTimers();
  stored = new Map();
  drawn = [];
  connection = new FakeConnection();
  plotted = new PlottedChoice(connection as never, memory(), rethrow);
  tree = new RaceTree(connection as never, plotted);
  tree.onDidChangeTreeData((change) => {
    const nodes: (RaceNode | undefined)[] = Array.isArray(change) ? change : [change];
    drawn.push(...nodes.map((node) => node?.id ?? "all"));
  });
});
afterEach(() => {
  tree.dispose();
  plotted.dispose();
  vi.useRealTimers();
});

const trials = (count: number, changes = {}) =>
  Array.from({ length: count }, (_, i) =>
    trialState(i, { results: [{ rung: 0, step: 1000, valBpb: 2 + i / 1000 }], step: 1000, ...changes }),
  );

/** Opens everything, as a user who has expanded all nodes. */
function look(parent?: RaceNode): RaceNode[] {
  return tree.getChildren(parent).flatMap((node) => {
    tree.getTreeItem(node);
    return [node, ...look(node)];
  });
}

const settle = () => vi.advanceTimersByTime(2000);

test("a race, its rungs and its trials are the same nodes each time", () => {
  connection.set(raceState(trials(3)));
  const first = look();
  expect(first.map(({ id }) => id)).toEqual(["r1", "r1/0", "r1-t0000", "r1-t0001", "r1-t0002"]);
  connection.set(raceState(trials(3), { seq: 11 }));
  settle();
  for (const [i, node] of look().entries()) expect(node).toBe(first[i]);
  for (const node of first.slice(1)) expect(look()).toContain(tree.getParent(node));
});

test("only rows that say something new are drawn again", () => {
  const list = trials(50);
  connection.set(raceState(list));
  settle();
  look();
  drawn = [];
  connection.set(raceState(list, { seq: 11 }));
  settle();
  expect(drawn).toEqual([]);
  const moved = list.map((trial) => (trial.number === 49 ? { ...trial, step: 1500 } : trial));
  connection.set(raceState(moved, { seq: 12 }));
  settle();
  expect(drawn).toEqual(["r1-t0049"]);
});

test("a trial that changes its rung or place draws the rungs again, a new race the whole tree", () => {
  const list = trials(4);
  connection.set(raceState(list));
  settle();
  look();
  drawn = [];
  const better = list.map((trial) =>
    trial.number === 3 ? { ...trial, results: [{ rung: 0, step: 1000, valBpb: 1 }] } : trial,
  );
  connection.set(raceState(better, { seq: 11 }));
  settle();
  expect(drawn).toContain("r1/0");
  expect(drawn).not.toContain("all");
  connection.set({ ...raceState([]), raceId: "r2", createdAt: 9 });
  settle();
  expect(drawn).toContain("all");
  expect(tree.getChildren().map(({ id }) => id)).toEqual(["r2", "r1"]);
});

test("many changes in a moment are one refresh", () => {
  connection.set(raceState(trials(2)));
  settle();
  look();
  drawn = [];
  for (let step = 1001; step <= 1100; step++) connection.set(raceState(trials(2, { step }), { seq: step }));
  settle();
  expect(drawn.length).toBeLessThanOrEqual(4);
});

test("a rung shows 200 trials, and more on request", () => {
  connection.set(raceState(trials(450)));
  look();
  const [rung] = tree.getChildren(tree.find("r1"));
  if (rung === undefined) throw new Error("no rung");
  expect(tree.getChildren(rung)).toHaveLength(201);
  const more = tree.getChildren(rung).at(-1);
  if (more === undefined) throw new Error("no row to show more");
  expect(tree.getTreeItem(more)).toMatchObject({ label: "Show more", description: "250 hidden" });
  tree.showMore(more);
  expect(drawn).toContain("r1/0");
  expect(tree.getChildren(rung)).toHaveLength(401);
  const last = tree.trialNode("r1", "r1-t0449");
  expect(tree.getChildren(rung)).toContain(last);
});

test("boxes are ticked for what the chart draws, and the choice outlives the window", async () => {
  connection.set(raceState(trials(20)));
  const ticked = () =>
    look()
      .filter((node) => (tree.getTreeItem(node).checkboxState as { state?: number } | undefined)?.state === 1)
      .map(({ id }) => id);
  expect(ticked()).toEqual(Array.from({ length: 8 }, (_, i) => `r1-t000${i}`));
  await plotted.tick("r1-t0000", false);
  await plotted.pin("r1-t0019", true);
  settle();
  const chosen = ["r1-t0019", ...Array.from({ length: 7 }, (_, i) => `r1-t000${i + 1}`)];
  expect(ticked()).toEqual(chosen);
  const later = new PlottedChoice(connection as never, memory(), rethrow);
  expect([...later.trialIds].sort()).toEqual([...chosen].sort());
  await later.pin("r1-t0019", false);
  expect(later.trialIds.has("r1-t0019")).toBe(false);
});

test("a tooltip is made without the daemon when it is away", async () => {
  connection.set(raceState(trials(1)));
  look();
  const node = tree.trialNode("r1", "r1-t0000");
  Object.assign(connection, { status: { kind: "lost", reason: "" } });
  const item = await tree.resolveTreeItem(tree.getTreeItem(node), node);
  expect((item.tooltip as { value: string }).value).toContain("**r1-t0000**");
  expect(connection.request).not.toHaveBeenCalled();
});

test("a refresh of 5,000 trials", () => {
  connection.set(raceState(trials(5000)));
  settle();
  look();
  const times = Array.from({ length: 11 }, (_, round) => {
    const changed = trials(5000, { step: 2000 + round });
    vi.useRealTimers();
    const startedAt = performance.now();
    connection.races.set("r1", raceState(changed, { seq: 20 + round }));
    plotted.dispose();
    tree.refresh();
    look();
    const spent = performance.now() - startedAt;
    vi.useFakeTimers();
    return spent;
  }).sort((a, b) => a - b);
  console.log(`refresh of a tree of 5,000 trials, every row changed: ${times[5]?.toFixed(1)} ms (median of 11)`);
  expect(times[5]).toBeLessThan(500);
});
