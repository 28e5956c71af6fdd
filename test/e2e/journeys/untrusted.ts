import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Bench } from "../bench.ts";
import { raceText, writeText } from "../races.ts";
import type { Window } from "../window.ts";

export function untrustedFolder(bench: () => Bench): void {
  describe("a folder that is not trusted", () => {
    let trace: string;
    let window: Window;

    it("shows what it holds and executes nothing", async () => {
      const workspace = bench().workspace("untrusted");
      trace = join(workspace, "executed");
      plant(workspace, trace);
      window = await bench().open(workspace);
      await window.statusBar("Restricted Mode").waitFor();
      await window.container("Igla");
      await window.picture("untrusted");
      await window.openFile("race.igla.toml");
      for (const name of ["Igla: Start race", "Igla: Start seed"]) await window.commandIfOffered(name);
      // A daemon would be up within this time.
      await window.page.waitForTimeout(4000);
      await window.picture("untrusted-after-commands");
      expect(existsSync(trace)).toBe(false);
      expect(existsSync(join(workspace, ".igla", "daemon.json"))).toBe(false);
      expect(existsSync(join(workspace, ".igla"))).toBe(false);
    });

    it("offers to start once the folder is trusted", async () => {
      await window.command("Workspaces: Manage Workspace Trust");
      await window.page
        .locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ })
        .first()
        .click();
      await window.container("Igla");
      await window.button("Start seed").waitFor();
      await window.picture("untrusted-now-trusted");
      expect(existsSync(trace)).toBe(false);
    });
  });
}

/** A folder that would run its own program as the daemon's Node if it were obeyed. */
function plant(workspace: string, trace: string): void {
  writeText(workspace);
  writeFileSync(join(workspace, "race.igla.toml"), raceText());
  const program = join(workspace, "node");
  writeFileSync(program, `#!/bin/sh\ntouch '${trace}'\n`);
  chmodSync(program, 0o755);
  mkdirSync(join(workspace, ".vscode"));
  writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify({ "igla.daemon.nodePath": program }));
}
