import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { prover } from "../../prover/coq.ts";
import type { Bench } from "../bench.ts";
import { until } from "../daemon-view.ts";
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

    it.skipIf(prover === null)("reads claims and proofs, and asks Coq about none of them", async () => {
      const rows = () => window.texts(window.rows("Invariants"));
      await until("the claim", rows, (texts) => texts.some((text) => text.includes("Proven → not known")));
      const texts = await rows();
      expect(texts[0]).toContain("Not checked yet");
      await window.page.getByText("Igla runs Coq only in folders that you trust").first().waitFor();
      await window.picture("untrusted-claims");
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
      const rows = () => window.texts(window.rows("Invariants"));
      const isChecked = (texts: string[]) => texts.some((text) => text.includes("Proven → Proven"));
      if (prover !== null) await until("Coq's answer", rows, isChecked, 30_000);
      expect(existsSync(trace)).toBe(false);
    });
  });
}

/** A folder that would run its own program as the daemon's Node if it were obeyed. */
function plant(workspace: string, trace: string): void {
  writeText(workspace);
  writeFileSync(join(workspace, "race.igla.toml"), raceText());
  const invariants = [{ id: "INV-1", coq_theorem: "sound", coq_file: "Sound.v", status: "Proven" }];
  writeFileSync(join(workspace, "igla_assertions.json"), JSON.stringify({ invariants }));
  writeFileSync(join(workspace, "Sound.v"), "Theorem sound : forall n : nat, n = n + 0.\nProof. auto. Qed.\n");
  const program = join(workspace, "node");
  writeFileSync(program, `#!/bin/sh\ntouch '${trace}'\n`);
  chmodSync(program, 0o755);
  mkdirSync(join(workspace, ".vscode"));
  writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify({ "igla.daemon.nodePath": program }));
}
