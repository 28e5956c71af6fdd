/** `igla daemon start|stop|status`: the background process of a workspace. */
import { setTimeout as delay } from "node:timers/promises";
import { daemonStatus, shutdownDaemon } from "../../protocol/requests.ts";
import { probeDaemon } from "../../rpc/probe.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { connectIfRunning, openDaemon, workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";

export interface DaemonOptions {
  readonly workspace?: string;
  readonly backend?: string;
  readonly json?: boolean;
}

/** Running lanes get this long to write their checkpoints. */
const STOP_MS = 20_000;
const POLL_MS = 100;

export async function startCommand(context: CliContext, options: DaemonOptions): Promise<ExitCode> {
  const workspace = await workspaceFolder(options, context.cwd);
  const before = await probeDaemon(workspace);
  const client = await openDaemon(workspace, options.backend);
  try {
    const daemon = await client.request(daemonStatus, {});
    const started = before === null;
    if (options.json) context.out.json({ started, daemon });
    else context.out.lines([`${started ? "daemon started" : "a daemon runs already"}, process ${daemon.pid}`]);
    return ExitCode.ok;
  } finally {
    await client.close();
  }
}

export async function stopCommand(context: CliContext, options: DaemonOptions): Promise<ExitCode> {
  const stopped = await stopDaemon(await workspaceFolder(options, context.cwd));
  if (options.json) context.out.json({ stopped });
  else
    context.out.lines([stopped ? "daemon stopped; unfinished races go on with the next one" : "no daemon runs here"]);
  return ExitCode.ok;
}

/** False when none ran. @throws {CliError} `cli.stop-timeout` */
export async function stopDaemon(workspace: string): Promise<boolean> {
  const client = await connectIfRunning(workspace);
  if (client === null) return false;
  await client.request(shutdownDaemon, {});
  await client.close();
  await untilGone(workspace);
  return true;
}

async function untilGone(workspace: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < STOP_MS; waitedMs += POLL_MS) {
    if ((await probeDaemon(workspace)) === null) return;
    await delay(POLL_MS);
  }
  throw new CliError("cli.stop-timeout", {
    place: workspace,
    message: `The daemon did not end within ${STOP_MS / 1000} s.`,
    wayOut: "Look at the end of .igla/daemon.log; `igla daemon status` names the process.",
  });
}

/** Exit code 1 when no daemon runs, so that scripts can ask. */
export async function statusCommand(context: CliContext, options: DaemonOptions): Promise<ExitCode> {
  const workspace = await workspaceFolder(options, context.cwd);
  const client = await connectIfRunning(workspace);
  const daemon = client === null ? null : await client.request(daemonStatus, {});
  await client?.close();
  if (options.json) context.out.json({ running: daemon !== null, daemon });
  else if (daemon === null) context.out.lines(["no daemon runs in this workspace"]);
  else {
    const race = daemon.activeRace === null ? "idle" : `racing ${daemon.activeRace}`;
    context.out.lines([`daemon ${daemon.version} runs, process ${daemon.pid}, protocol ${daemon.protocol}, ${race}`]);
  }
  return daemon === null ? ExitCode.failed : ExitCode.ok;
}
