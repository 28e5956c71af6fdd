/** What shows a workbench: a browser with code-server, or the desktop. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Page } from "playwright-core";

export interface Host {
  /** Opens a folder (an absolute path) in a window of its own. */
  open(workspace: string): Promise<Page>;
  close(): Promise<void>;
}

export interface HostOptions {
  /** Exists; everything that the host writes lies below it. */
  readonly folder: string;
  readonly vsix: string;
  /** Ask before a folder's code may run; otherwise every folder is trusted. */
  readonly trust: boolean;
}

export const viewport = { width: 1400, height: 900 };

/** Environment variable by which processes that stay behind are found. */
const processMark = "IGLA_E2E_FOLDER";

export function markedEnvironment(folder: string): Record<string, string> {
  const defined = Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return { ...Object.fromEntries(defined), [processMark]: folder };
}

export function carriesMark(environ: string, folder: string): boolean {
  return environ.split("\0").includes(`${processMark}=${folder}`);
}

/** Nothing on the screen but the workbench and the extension; nothing that moves by itself. */
const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "security.workspace.trust.startupPrompt": "never",
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

/** @param path the settings file of a fresh user */
export function writeSettings(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(quietSettings, null, 2));
}

/** Runs a process to its end. @throws {Error} with its output when it fails */
export async function runToEnd(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const child: ChildProcess = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
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
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  return output;
}
