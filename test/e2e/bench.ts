/** One server, one browser and the packaged extension; every journey gets a workspace folder and a window. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium } from "playwright-core";
import { shutdownDaemon } from "../../daemon/protocol/requests.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { readDaemonFile } from "../../daemon/rpc/daemon-file.ts";
import type { Installation } from "./installation.ts";
import { CodeServer, finished, processMark } from "./server.ts";
import { Window } from "./window.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where screenshots and figures go. */
export const artifacts = process.env.IGLA_ARTIFACTS ?? join(tmpdir(), "igla-e2e-artifacts");

const quietBrowser = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Builds the package of this platform; the path of the file. */
export async function packageExtension(folder: string): Promise<string> {
  const script = join(root, ".ci/package.mjs");
  const { code, output } = await finished(spawn(process.execPath, [script, "--out", folder], { stdio: "pipe" }));
  const file = readdirSync(folder).find((name) => name.endsWith(".vsix"));
  if (code !== 0 || file === undefined) throw new Error(`the package was not built:\n${output}`);
  return join(folder, file);
}

export class Bench {
  readonly folder: string;
  readonly server: CodeServer;
  readonly #browser: BrowserContext;
  readonly #windows: Window[] = [];
  readonly #workspaces: string[] = [];

  private constructor(folder: string, server: CodeServer, browser: BrowserContext) {
    this.folder = folder;
    this.server = server;
    this.#browser = browser;
  }

  static async start(installation: Installation, vsix: string, { trust = false } = {}): Promise<Bench> {
    mkdirSync(artifacts, { recursive: true });
    const folder = mkdtempSync(join(tmpdir(), "igla-e2e-"));
    const server = await CodeServer.start({ installation, folder, vsix, trust });
    try {
      const browser = await chromium.launchPersistentContext(join(folder, "browser"), {
        executablePath: installation.chromium,
        headless: true,
        viewport: { width: 1400, height: 900 },
        args: quietBrowser,
        env: { ...definedEnvironment(), [processMark]: folder },
      });
      return new Bench(folder, server, browser);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** An empty folder to open. */
  workspace(name: string): string {
    const folder = join(this.folder, "workspaces", name);
    mkdirSync(folder, { recursive: true });
    this.#workspaces.push(folder);
    return folder;
  }

  async open(workspace: string): Promise<Window> {
    const window = new Window(await this.#browser.newPage(), artifacts);
    this.#windows.push(window);
    await window.open(this.server.url(workspace));
    return window;
  }

  /** A picture of every open window, for a test that failed. */
  async picture(title: string): Promise<void> {
    const open = this.#windows.filter((window) => !window.page.isClosed());
    for (const [index, window] of open.entries()) await window.picture(`failed-${title}-${index}`);
  }

  /**
   * Ends everything that was started.
   * @throws {Error} when a process of this bench is still there afterwards
   */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.close();
    for (const workspace of this.#workspaces) await endDaemon(workspace);
    const left = await leftBehind(this.folder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (left.length > 0) throw new Error(`processes stayed behind:\n${left.join("\n")}`);
  }
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** The daemon outlives the window by design, so it is asked to leave. */
async function endDaemon(workspace: string): Promise<void> {
  if ((await readDaemonFile(workspace)) === null) return;
  const client = await DaemonClient.connect(workspace, { reconnectMs: 0 });
  await client.request(shutdownDaemon, {});
  await client.close();
}

/** Command lines of processes that carry the mark of this bench, a moment after everything was told to end. */
async function leftBehind(folder: string): Promise<string[]> {
  if (process.platform !== "linux") return [];
  let left: string[] = [];
  for (let attempt = 0; attempt < 50; attempt++) {
    left = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => (readOr(`/proc/${pid}/environ`).includes(`${processMark}=${folder}`) ? [pid] : []))
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
