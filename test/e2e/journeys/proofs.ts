import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { prover } from "../../prover/coq.ts";
import type { Bench } from "../bench.ts";
import { until } from "../daemon-view.ts";
import type { Window } from "../window.ts";

const claims = "assertions/igla_assertions.json";

/** Line (from 1) of a text, looked for behind another one. */
function lineOf(text: string, part: string, behind = ""): number {
  const at = text.indexOf(part, text.indexOf(behind));
  if (at < 0) throw new Error(`${part} does not occur`);
  return text.slice(0, at).split("\n").length;
}

export function claimsAgainstProofs(bench: () => Bench): void {
  describe.skipIf(prover === null)("claims against proofs", () => {
    let window: Window;
    let workspace: string;
    let sound: string;
    const json = () => readFileSync(join(workspace, claims), "utf8");
    const rows = () => window.texts(window.rows("Invariants"));

    beforeAll(async () => {
      workspace = bench().workspace("proofs");
      window = await bench().open(workspace);
    }, 120_000);

    it("creates a race folder with claims and proofs", async () => {
      await window.command("Igla: Create a race folder");
      await window.picks.filter({ hasText: "This folder" }).first().click();
      await window.tab("igla_assertions.json").waitFor();
      expect(readdirSync(join(workspace, "proofs"))).toContain("Phi.v");
    });

    it("shows each claim beside what Coq says, grouped by verdict", async () => {
      await window.container("Igla");
      await until(
        "the last answer of Coq",
        rows,
        (texts) => texts.some((text) => text.includes("As claimed10")),
        90_000,
      );
      const texts = await rows();
      expect(texts[0]).toContain("As claimed");
      expect(texts.join("\n")).toMatch(/INV-1\s*Admitted → Admitted · loss falls/);
      expect(texts.join("\n")).toMatch(/INV-2\s*Proven → Proven · warm-up is blind/);
      expect(texts.join("\n")).toMatch(/INV-5\s*Proven → Proven \(standard axioms\)/);
      expect(texts.join("\n")).not.toMatch(/not known|Not checked/);
      await window.picture("proofs-view");
    });

    it("reads Proven over an assertion, with claim, statement and evidence", async () => {
      const line = lineOf(json(), '"Proven"', '"INV-2"');
      await window.goTo(line - 2, 1);
      const word = window.page
        .locator(".view-line", { hasText: "warmup_spares_every_trial" })
        .locator("span span")
        .last();
      await word.hover();
      const hover = window.page.locator(".monaco-hover:not(.hidden)").first();
      await hover.waitFor();
      await expect.poll(() => hover.innerText(), { timeout: 10_000 }).toContain("warmup_spares_every_trial");
      const text = await hover.innerText();
      expect(text).toMatch(/✔ Proven/);
      expect(text).toContain("INV-2 (warm-up is blind) claims Proven; the truth is Proven: as claimed");
      expect(text).toContain("forall step bpb : N");
      expect(text).toMatch(/(coqc|rocq) \d+\.\d+/);
      await window.picture("proofs-hover");
      await window.page.keyboard.press("Escape");
    });

    it("writes the truth beside claims and cited numbers, and over theorems", async () => {
      const hint = window.page.locator(".monaco-editor .view-line", { hasText: '"status": "Proven"' }).first();
      await expect.poll(() => hint.innerText(), { timeout: 10_000 }).toMatch(/✔.Proven/);
      await window.openFile("race.igla.toml");
      const number = window.page.locator(".monaco-editor .view-line", { hasText: "lr = 0.003" }).first();
      await expect.poll(() => number.innerText(), { timeout: 10_000 }).toMatch(/✔.INV-8.Proven/);
      await window.picture("proofs-race-file");
      await window.openFile("Prune.v");
      await window.statusBar("Coq").first().waitFor();
      const lenses = window.page.locator(".codelens-decoration a");
      await lenses.filter({ hasText: "✔ Proven · used by INV-2" }).first().waitFor();
      await window.picture("proofs-lenses");
    });

    it("turns a broken proof into an error at the word Proven", async () => {
      sound = readFileSync(join(workspace, "proofs/Prune.v"), "utf8");
      await window.goTo(lineOf(sound, "Proof. intros step bpb H. unfold kills. apply"), 8);
      await window.page.keyboard.type("exact I. ");
      await window.command("File: Save");
      await window.openFile("igla_assertions.json");
      await window.command("Problems: Focus on Problems View");
      const problems = () => window.texts(window.page.locator(".markers-panel .monaco-list-row"));
      const line = lineOf(json(), '"Proven"', '"INV-2"');
      const column = (json().split("\n")[line - 1] ?? "").indexOf('"Proven"') + 1;
      const found = await until(
        "the error",
        problems,
        (texts) =>
          texts.some((one) => one.includes("INV-2 claims Proven") && one.includes(`[Ln ${line}, Col ${column}]`)),
        60_000,
      );
      expect(found.join("\n")).toContain("does not compile");
      await window.picture("proofs-broken");
      await window.command("View: Toggle Panel Visibility");
      await until("the group", rows, (texts) => texts[0]?.includes("Cites what is broken1") === true);
      await window.picture("proofs-broken-view");
    });

    it("offers to set the claim to what Coq says, and takes it back when the proof is whole again", async () => {
      const line = lineOf(json(), '"Proven"', '"INV-2"');
      await window.openFile("igla_assertions.json");
      const column = (json().split("\n")[line - 1] ?? "").indexOf("Proven") + 2;
      const action = window.page.locator(".action-widget .monaco-list-row", { hasText: "Set the claim to" }).first();
      // The menu closes when the text's decorations change under it, so it is asked for again.
      for (let attempt = 1; ; attempt++) {
        await window.goTo(line, column);
        await window.page.keyboard.press("Control+.");
        const isShown = await action.waitFor({ timeout: 4000 }).then(
          () => true,
          () => false,
        );
        if (isShown) break;
        if (attempt === 5) throw new Error("the fix is not offered");
        await window.page.keyboard.press("Escape");
      }
      await window.picture("proofs-fix");
      await action.click();
      await window.command("File: Save");
      await until("the new claim", json, (text) => text.split("\n")[line - 1]?.includes('"wip"') === true);
      await window.page.keyboard.press("Control+z");
      await window.command("File: Save");
      await until("the old claim", json, (text) => text.split("\n")[line - 1]?.includes('"Proven"') === true);
      // Another program writes the proof, as a checkout does.
      writeFileSync(join(workspace, "proofs/Prune.v"), sound);
      await until("the truth", rows, (texts) => texts[0]?.includes("As claimed10") === true, 60_000);
    });

    it("stops a race that breaks an invariant, at the key", async () => {
      const race = join(workspace, "race.igla.toml");
      writeFileSync(race, readFileSync(race, "utf8").replace("[0.002, 0.007]", "[0.002, 0.03]"));
      await window.openFile("race.igla.toml");
      await window.goTo(lineOf(readFileSync(race, "utf8"), "log ="), 1);
      await window.page.locator(".squiggly-error").first().waitFor();
      await window.command("Igla: Start race");
      const message = window.notifications.filter({ hasText: "INV-8" }).first();
      await message.waitFor({ timeout: 60_000 });
      expect(await message.innerText()).toContain("0.03");
      await window.picture("proofs-guarded");
      await window.command("Notifications: Clear All Notifications");
    });

    it("shows what a theorem assumes", async () => {
      await window.openFile("Phi.v");
      const lens = window.page.locator(".codelens-decoration a", { hasText: "standard axiom" }).first();
      await lens.click();
      const shown = window.page
        .locator(".monaco-editor .view-line", { hasText: "Axioms of the standard library" })
        .first();
      await shown.waitFor();
      await window.picture("proofs-assumptions");
    });
  });
}
