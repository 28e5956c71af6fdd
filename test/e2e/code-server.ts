/** A code-server of its own: fresh user data and extensions, a free port of 127.0.0.1, the packaged extension installed. */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type HostOptions, markedEnvironment, runToEnd, writeSettings } from "./host.ts";
import type { Installation } from "./installation.ts";

export class CodeServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(installation: Installation, options: HostOptions, port: number) {
    this.port = port;
    this.#child = launch(installation, options, port);
  }

  static async start(installation: Installation, options: HostOptions): Promise<CodeServer> {
    const { folder, vsix } = options;
    writeSettings(join(folder, "user/User/settings.json"));
    writeFileSync(join(folder, "config.yaml"), "");
    const install = [installation.server, ...places(folder), "--install-extension", vsix];
    await runToEnd(installation.node, install, { env: environment(folder) });
    const server = new CodeServer(installation, options, await freePort());
    await server.#untilReady();
    return server;
  }

  /** The address at which `workspace` (an absolute path) opens. */
  url(workspace: string): string {
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(workspace)}`;
  }

  /** Ends the server with its extension hosts. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    if (this.#child.exitCode === null) {
      signalGroup(this.#child, "SIGTERM");
      const patience = setTimeout(() => signalGroup(this.#child, "SIGKILL"), 5000);
      await ended;
      clearTimeout(patience);
    }
    // The extension hosts are in the same group, and may outlive the process that was waited for.
    signalGroup(this.#child, "SIGKILL");
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null) throw new Error(`code-server ended with ${this.#child.exitCode}`);
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => null);
      if (answer?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.close();
    throw new Error("code-server did not answer within 30 s");
  }
}

function launch(installation: Installation, { folder, trust }: HostOptions, port: number): ChildProcess {
  const args = [
    installation.server,
    ...places(folder),
    ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`],
    ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
    ...["--ignore-last-opened", ...(trust ? [] : ["--disable-workspace-trust"])],
  ];
  // In a process group of its own: the whole group is ended, and nothing else.
  return spawn(installation.node, args, { env: environment(folder), detached: true, stdio: "ignore" });
}

function places(folder: string): string[] {
  const config = ["--config", join(folder, "config.yaml")];
  return [...config, "--user-data-dir", join(folder, "user"), "--extensions-dir", join(folder, "extensions")];
}

function environment(folder: string): NodeJS.ProcessEnv {
  const own = { XDG_CONFIG_HOME: join(folder, "config"), XDG_DATA_HOME: join(folder, "data") };
  return { ...markedEnvironment(folder), ...own };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
