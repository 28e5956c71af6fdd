/** How commands reach the daemon of a workspace. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { IglaError } from "../protocol/errors.ts";
import { DaemonClient } from "../rpc/client.ts";
import { spawnDaemon } from "../spawn-daemon.ts";
import { CliError } from "./cli-error.ts";

export interface WorkspaceOptions {
  readonly workspace?: string;
}

/** Absolute path of the folder whose `.igla` holds races, models and the daemon's files. */
export async function workspaceFolder({ workspace }: WorkspaceOptions, cwd: string): Promise<string> {
  const folder = resolve(cwd, workspace ?? ".");
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return folder;
  throw new CliError("cli.no-workspace", {
    place: folder,
    message: "The workspace folder does not exist.",
    wayOut: "Create the folder, or name another one with --workspace.",
  });
}

/**
 * Connects, and starts a daemon where none runs. The client does not look for a lost daemon by itself: whoever wants
 * to go on calls this again, which starts a new one.
 * @throws {IglaError} what the daemon's start reports
 */
export async function openDaemon(workspace: string, backend?: string): Promise<DaemonClient> {
  await spawnDaemon(workspace, backend === undefined ? {} : { backend });
  return DaemonClient.connect(workspace, { reconnectMs: 0 });
}

/** Null when no daemon serves the workspace. */
export async function connectIfRunning(workspace: string): Promise<DaemonClient | null> {
  try {
    return await DaemonClient.connect(workspace, { reconnectMs: 0 });
  } catch (error) {
    if (error instanceof IglaError && error.code === "daemon.not-running") return null;
    throw error;
  }
}
