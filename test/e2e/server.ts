/** A code-server of its own: fresh user data and extensions, a free port of 127.0.0.1, the packaged extension installed. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Installation } from "./installation.ts";

/** Environment variable by which processes that stay behind are found. */
export const processMark = "IGLA_E2E_FOLDER";

/** Nothing on the screen but the workbench and the extension; nothing that moves by itself. */
const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "editor.hover.delay": 100,
  "editor.minimap.enabled": false,
  "workbench.reduceMotion": "on",
  "editor.cursorBlinking": "solid",
};

export interface ServerOptions {
  readonly installation: Installation;
  /** Exists; everything that the server writes lies below it. */
  readonly folder: string;
  readonly vsix: string;
  /** Ask before a folder's code may run; otherwise every folder is trusted. */
  readonly trust: boolean;
}

export class CodeServer {
  readonly port: number;
  readonly #options: ServerOptions;
  #child: ChildProcess;
  #settings: Record<string, unknown> = { ...quietSettings };

  private constructor(options: ServerOptions, port: number) {
    this.#options = options;
    this.port = port;
    this.#child = this.#launch();
  }

  static async start(options: ServerOptions): Promise<CodeServer> {
    const { folder, installation, vsix } = options;
    mkdirSync(join(folder, "user", "User"), { recursive: true });
    writeFileSync(join(folder, "user/User/settings.json"), JSON.stringify(quietSettings));
    writeFileSync(join(folder, "config.yaml"), "");
    const install = await finished(
      spawn(installation.node, [installation.server, ...places(folder), "--install-extension", vsix], {
        env: environment(folder),
      }),
    );
    if (install.code !== 0) throw new Error(`code-server does not take ${vsix}:\n${install.output}`);
    const server = new CodeServer(options, await freePort());
    await server.#untilReady();
    return server;
  }

  /** The address at which `workspace` (an absolute path) opens. */
  url(workspace: string): string {
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(workspace)}`;
  }

  /** Changes user settings as the settings editor would; an open window takes them over. */
  set(settings: Record<string, unknown>): void {
    this.#settings = { ...this.#settings, ...settings };
    writeFileSync(join(this.#options.folder, "user/User/settings.json"), JSON.stringify(this.#settings));
  }

  /** Ends the server with its extension hosts. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    if (this.#child.exitCode !== null) return;
    signalGroup(this.#child, "SIGTERM");
    const patience = setTimeout(() => signalGroup(this.#child, "SIGKILL"), 5000);
    await ended;
    clearTimeout(patience);
    // The extension hosts are in the same group, and may outlive the process that was waited for.
    signalGroup(this.#child, "SIGKILL");
  }

  #launch(): ChildProcess {
    const { folder, installation, trust } = this.#options;
    const args = [
      installation.server,
      ...places(folder),
      ...["--auth", "none", "--bind-addr", `127.0.0.1:${this.port}`],
      ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
      ...["--ignore-last-opened", ...(trust ? [] : ["--disable-workspace-trust"])],
    ];
    // In a process group of its own: the whole group is ended, and nothing else.
    return spawn(installation.node, args, { env: environment(folder), detached: true, stdio: "ignore" });
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

function places(folder: string): string[] {
  const config = ["--config", join(folder, "config.yaml")];
  return [...config, "--user-data-dir", join(folder, "user"), "--extensions-dir", join(folder, "extensions")];
}

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_DATA_HOME: join(folder, "data"),
    [processMark]: folder,
  };
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

export async function finished(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, output };
}
