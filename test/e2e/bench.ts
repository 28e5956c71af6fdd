/** A host with the packaged extension; every journey gets a workspace folder and a window. */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shutdownDaemon } from "../../daemon/protocol/requests.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { readDaemonFile } from "../../daemon/rpc/daemon-file.ts";
import { carriesMark, type Host, type HostOptions, runToEnd } from "./host.ts";
import { Window } from "./window.ts";

const packageScript = fileURLToPath(new URL("../../.ci/package.mjs", import.meta.url));
/** Where screenshots and figures go. */
const artifacts = process.env.IGLA_ARTIFACTS ?? join(tmpdir(), "igla-e2e-artifacts");

/** Builds the package of this platform; the path of the file. */
export async function packageExtension(folder: string): Promise<string> {
  await runToEnd(process.execPath, [packageScript, "--out", folder]);
  const file = readdirSync(folder).find((name) => name.endsWith(".vsix"));
  if (file === undefined) throw new Error(`there is no package in ${folder}`);
  return join(folder, file);
}

export class Bench {
  readonly folder: string;
  readonly host: Host;
  readonly #windows: Window[] = [];
  readonly #workspaces: string[] = [];

  private constructor(folder: string, host: Host) {
    this.folder = folder;
    this.host = host;
  }

  static async start(startHost: (options: HostOptions) => Promise<Host>, vsix: string, trust = false): Promise<Bench> {
    mkdirSync(artifacts, { recursive: true });
    const folder = mkdtempSync(join(tmpdir(), "igla-e2e-"));
    return new Bench(folder, await startHost({ folder, vsix, trust }));
  }

  /** An empty folder to open. */
  workspace(name: string): string {
    const folder = join(this.folder, "workspaces", name);
    mkdirSync(folder, { recursive: true });
    this.#workspaces.push(folder);
    return folder;
  }

  async open(workspace: string): Promise<Window> {
    const window = new Window(await this.host.open(workspace), artifacts);
    this.#windows.push(window);
    await window.ready();
    return window;
  }

  /** A measured number for `figures.txt`; it is read, not asserted. */
  figure(what: string, value: number, unit: string): void {
    appendFileSync(join(artifacts, "figures.txt"), `${what}\t${Math.round(value * 10) / 10} ${unit}\n`);
  }

  /** A picture of every open window, for a test that failed. */
  async pictures(title: string): Promise<void> {
    const open = this.#windows.filter((window) => !window.page.isClosed());
    for (const [index, window] of open.entries()) await window.picture(`failed-${title}-${index}`);
  }

  /**
   * Ends everything that was started.
   * @throws {Error} when a process of this bench is still there afterwards
   */
  async close(): Promise<void> {
    await this.host.close();
    for (const workspace of this.#workspaces) await endDaemon(workspace);
    const left = await leftBehind(this.folder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (left.length > 0) throw new Error(`processes stayed behind:\n${left.join("\n")}`);
  }
}

/** The daemon outlives the window by design, so it is asked to leave. */
export async function endDaemon(workspace: string): Promise<void> {
  if ((await readDaemonFile(workspace)) === null) return;
  const client = await DaemonClient.connect(workspace, { reconnectMs: 0 });
  await client.request(shutdownDaemon, {});
  await client.close();
}

/** Command lines of processes that carry the mark of this bench, a moment after everything was told to end. */
async function leftBehind(folder: string): Promise<string[]> {
  if (process.platform !== "linux") return [];
  let left: string[] = [];
  for (let attempt = 0; attempt < 100; attempt++) {
    left = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && carriesMark(readOr(`/proc/${name}/environ`), folder))
      .map((pid) => `${pid} ${readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
    if (left.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return left;
}

/** A process may end between being listed and being read, and others' are not ours to read. */
function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code ?? "")) return "";
    throw error;
  }
}
