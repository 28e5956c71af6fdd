/** The tools of `igla mcp`. Looking never starts a daemon: where none runs, the workspace's database is read. */
import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { checkRaceText } from "../lsp/race-file/check.ts";
import { raceFacts } from "../protocol/race-facts.ts";
import { daemonStatus } from "../protocol/requests.ts";
import { CliError } from "./cli-error.ts";
import { openDaemon } from "./daemon-link.ts";
import { describeFailures } from "./failure.ts";
import { assertBudget } from "./race-budget.ts";
import { readRaceFile } from "./race-file.ts";
import { shownStatus } from "./render/race-status.ts";
import { startOrResume } from "./start-race.ts";
import { openReader, type WorkspaceReader } from "./workspace-reader.ts";

const reads = { readOnlyHint: true, openWorldHint: false } as const;
const raceId = z.string().min(1).describe("id of a race, as igla_status gives it");

export function addTools(server: McpServer, workspace: string): void {
  addLooking(server, workspace);
  server.registerTool(
    "igla_propose_config",
    {
      title: "Check a race file",
      description:
        "Checks the text of a race file and writes nothing. Returns every error with line, column, key, what was expected and the nearest valid name; or, when valid, what the race would run.",
      inputSchema: {
        text: z.string().describe("the whole text of the race file"),
        file: z.string().min(1).default("proposed.igla.toml").describe("its name; names the race"),
      },
      annotations: reads,
    },
    ({ text, file }) => answer(async () => checkRaceText(text, basename(file))),
  );
  server.registerTool(
    "igla_start_race",
    {
      title: "Start a race",
      description:
        "Starts the race of a file in the workspace, or goes on with its unfinished race. Trains on this machine's GPU or CPU for minutes to hours in the background. Ask the user first.",
      inputSchema: {
        path: z.string().min(1).describe("of the *.igla.toml file, absolute or relative to the workspace"),
        budgetSteps: z.number().int().positive().optional().describe("training steps after which no work is begun"),
      },
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    ({ path, budgetSteps }) => answer(() => start(workspace, path, budgetSteps)),
  );
}

function addLooking(server: McpServer, workspace: string): void {
  server.registerTool(
    "igla_status",
    {
      title: "State of the races",
      description: "What the daemon is doing, and every race of the workspace with its best trial.",
      annotations: reads,
    },
    () => answer(() => look(workspace, status)),
  );
  server.registerTool(
    "igla_leaderboard",
    {
      title: "Leaderboard",
      description:
        "Trials with configuration, seed, step and validation bits per byte, best first. Ranks count within rows of the same corpus, split and protocol.",
      inputSchema: { raceId: raceId.optional(), limit: z.number().int().min(1).max(1000).default(20) },
      annotations: reads,
    },
    ({ raceId, limit }) =>
      answer(() => look(workspace, async (reader) => ({ rows: await reader.leaderboard(raceId, limit) }))),
  );
  server.registerTool(
    "igla_trial_curve",
    {
      title: "Training curve of a trial",
      description:
        "Training loss in nats per byte and gradient norm over steps, a page at a time; nextStep is the afterStep of the next page, null on the last one.",
      inputSchema: {
        trialId: z.string().min(1).describe("id of a trial, as igla_leaderboard gives it"),
        afterStep: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(5000).default(500),
      },
      annotations: reads,
    },
    ({ trialId, afterStep, limit }) =>
      answer(() => look(workspace, (reader) => reader.curve(trialId, afterStep, limit))),
  );
}

/** A failure is an answer too: code, message and way out, so that an agent can act on it. */
async function answer(work: () => Promise<object>): Promise<CallToolResult> {
  try {
    return { content: [{ type: "text", text: JSON.stringify(await work(), null, 2) }] };
  } catch (error) {
    const errors = describeFailures(error).map(({ exitCode: _, excerpt: __, ...failure }) => failure);
    return { isError: true, content: [{ type: "text", text: JSON.stringify({ errors }, null, 2) }] };
  }
}

async function look<T>(workspace: string, work: (reader: WorkspaceReader) => Promise<T>): Promise<T> {
  const reader = await openReader(workspace);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

async function status(reader: WorkspaceReader): Promise<object> {
  const daemon = reader.client === null ? null : await reader.client.request(daemonStatus, {});
  const races = await reader.races();
  return { daemon, races: races.map((race) => ({ ...raceFacts(race), ...shownStatus(race, reader.daemon) })) };
}

async function start(workspace: string, path: string, budgetSteps: number | undefined): Promise<object> {
  const absolute = resolve(workspace, path);
  const inside = relative(workspace, absolute);
  const isOutside = isAbsolute(inside) || inside.split(sep)[0] === "..";
  if (isOutside || !absolute.endsWith(".igla.toml")) {
    throw new CliError("mcp.not-a-race-file", {
      place: absolute,
      message: "Only race files (*.igla.toml) inside the workspace can be started.",
      wayOut: "Save the race file in the workspace and name its path.",
    });
  }
  const file = await readRaceFile(absolute, workspace);
  assertBudget(file, budgetSteps);
  const client = await openDaemon(workspace);
  try {
    const { state, isNew, before } = await startOrResume(client, file, { budgetSteps });
    return { isNew, waitsFor: before, race: raceFacts(state) };
  } finally {
    await client.close();
  }
}
