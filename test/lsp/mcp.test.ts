/** `igla mcp` as an agent uses it: the SDK's own client on the process's stdin and stdout. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RaceCheck } from "../../daemon/protocol/race-check.ts";
import type { RaceFacts } from "../../daemon/protocol/race-facts.ts";
import { tinyRace, Workspace } from "../cli/igla.ts";

const script = fileURLToPath(new URL("../../dist/igla.js", import.meta.url));
const workspace = new Workspace();
const client = new Client({ name: "test", version: "1" });

beforeAll(async () => {
  const env = { ...getDefaultEnvironment(), XDG_CACHE_HOME: join(workspace.folder, "cache") };
  const args = [script, "mcp", "--workspace", workspace.folder];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
});
afterAll(async () => {
  await client.close();
  await workspace.close();
});

interface Answer {
  readonly isError: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the document that it asks for.
  readonly document: any;
}

async function call(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const { isError, content } = await client.callTool({ name, arguments: args });
  const [part] = content as { text: string }[];
  return { isError: isError === true, document: JSON.parse(part?.text ?? "") };
}

describe("igla mcp", () => {
  test("says which tools only look", async () => {
    const { tools } = await client.listTools();
    const hints = tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint]);
    expect(Object.fromEntries(hints)).toEqual({
      igla_status: true,
      igla_leaderboard: true,
      igla_trial_curve: true,
      igla_propose_config: true,
      igla_start_race: false,
    });
    for (const { description, inputSchema } of tools) {
      expect(description).toMatch(/\.$/);
      expect(inputSchema.type).toBe("object");
    }
  });

  test("looking at an empty workspace starts nothing and writes nothing", async () => {
    expect(await call("igla_status")).toEqual({ isError: false, document: { daemon: null, races: [] } });
    expect((await call("igla_leaderboard")).document).toEqual({ rows: [] });
    const curve = await call("igla_trial_curve", { trialId: "r1-t0000" });
    expect(curve).toMatchObject({ isError: true, document: { errors: [{ code: "trial.not-found" }] } });
    expect(existsSync(join(workspace.folder, ".igla"))).toBe(false);
  });

  test("a proposed file is checked, every error with its place", async () => {
    const bad = await call("igla_propose_config", { text: "[optimizer]\nlearning_rate = 1\nlr = -1\n" });
    const { valid, errors } = bad.document as Extract<RaceCheck, { valid: false }>;
    expect(valid).toBe(false);
    expect(errors.map(({ code, line, suggestion }) => [code, line, suggestion])).toEqual([
      ["config.unknown-key", 2, "optimizer.lr"],
      ["config.out-of-range", 3, null],
    ]);
    const good = await call("igla_propose_config", { text: tinyRace(), file: "x.igla.toml" });
    expect(good.document).toMatchObject({
      valid: true,
      race: { name: "tiny", maxTrials: 6, varies: ["optimizer.lr", "levers.relu2"], totalSteps: 6 * 20 + 3 * 40 },
    });
  });

  test("only race files of the workspace can be started", async () => {
    for (const path of ["../x.igla.toml", "/etc/x.igla.toml", "text.txt", "missing.igla.toml"]) {
      const { isError, document } = await call("igla_start_race", { path });
      expect(isError, path).toBe(true);
      const code = path.startsWith("missing") ? "cli.no-race-file" : "mcp.not-a-race-file";
      expect(document.errors[0].code, path).toBe(code);
    }
    workspace.write("bad.igla.toml", "[model]\nlayer = 1\n");
    const { document } = await call("igla_start_race", { path: "bad.igla.toml" });
    expect(document.errors[0]).toMatchObject({ code: "config.unknown-key", place: "bad.igla.toml:2:1" });
    expect(existsSync(join(workspace.folder, ".igla"))).toBe(false);
    await expect(client.callTool({ name: "igla_start_race", arguments: {} })).resolves.toMatchObject({ isError: true });
  });

  test("a race is started, followed to its end and read, with and without a daemon", async () => {
    const started = await call("igla_start_race", { path: "tiny.igla.toml" });
    expect(started).toMatchObject({ isError: false, document: { isNew: true, race: { name: "tiny" } } });
    let race: RaceFacts | undefined;
    while (race?.status !== "finished") {
      expect(race?.status).not.toBe("failed");
      await new Promise((resolve) => setTimeout(resolve, 100));
      [race] = (await call("igla_status")).document.races as RaceFacts[];
    }
    expect(race.best?.valBpb).toBeGreaterThan(1);
    const { rows } = (await call("igla_leaderboard", { raceId: race.raceId, limit: 2 })).document;
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ rank: 1, trialId: race.best?.trialId, valBpb: race.best?.valBpb });
    const curveOf = (afterStep: number) =>
      call("igla_trial_curve", { trialId: rows[0].trialId, afterStep, limit: 3 }).then(({ document }) => document);
    const page = await curveOf(0);
    expect(page.points.map(({ step }: { step: number }) => step)).toEqual([10, 20, 30]);
    expect(page.nextStep).toBe(30);

    await workspace.run("daemon", "stop");
    expect(await curveOf(0)).toEqual(page);
    expect((await curveOf(30)).nextStep).toBeNull();
    expect((await call("igla_status")).document).toMatchObject({ daemon: null, races: [{ status: "finished" }] });
    expect((await call("igla_trial_curve", { trialId: "r9-t0000" })).document.errors[0].code).toBe("trial.not-found");
  });
});

test("the process ends when its agent closes stdin", async () => {
  const { child, finished } = workspace.start("mcp", "--workspace", workspace.folder);
  expect(child.exitCode).toBeNull();
  child.stdin?.end();
  const { code, out, err } = await finished;
  expect({ code, out, err }).toEqual({ code: 0, out: "", err: "" });
});
