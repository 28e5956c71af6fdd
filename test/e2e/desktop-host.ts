/**
 * A desktop VS Code, driven as the browser is. `.ci/desktop.mjs` downloads it and names its executable in
 * IGLA_DESKTOP; continuous integration has no network for that and runs the same journeys in code-server.
 */
import { join } from "node:path";
import { resolveCliArgsFromVSCodeExecutablePath } from "@vscode/test-electron";
import { type ElectronApplication, _electron as electron, type Page } from "playwright-core";
import { type Host, type HostOptions, markedEnvironment, runToEnd, writeSettings } from "./host.ts";

export async function startDesktopHost(executable: string, options: HostOptions): Promise<Host> {
  const { folder, vsix, trust } = options;
  writeSettings(join(folder, "user/User/settings.json"));
  const places = ["--user-data-dir", join(folder, "user"), "--extensions-dir", join(folder, "extensions")];
  const [cli, ...cliArgs] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
  const env = markedEnvironment(folder);
  await runToEnd(cli as string, [...cliArgs, ...places, "--install-extension", vsix], {
    env,
    shell: process.platform === "win32",
  });
  const opened: ElectronApplication[] = [];
  return {
    async open(workspace: string): Promise<Page> {
      const app = await electron.launch({
        executablePath: executable,
        args: [
          ...places,
          "--no-sandbox",
          "--skip-welcome",
          "--skip-release-notes",
          "--disable-updates",
          ...(trust ? [] : ["--disable-workspace-trust"]),
          workspace,
        ],
        env,
      });
      opened.push(app);
      return app.firstWindow();
    },
    async close() {
      for (const app of opened) await app.close();
    },
  };
}
