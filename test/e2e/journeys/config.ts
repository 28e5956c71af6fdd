import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bench } from "../bench.ts";
import { raceText, writeText } from "../races.ts";
import type { Window } from "../window.ts";

/** Line (from 1) on which a text stands in the file. */
function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}

export function editingARaceFile(bench: () => Bench): void {
  describe("editing a race file", () => {
    let window: Window;
    const broken = raceText().replace("width = 16", "widht = 16").replace("heads = 2", 'heads = "two"');
    beforeAll(async () => {
      const workspace = bench().workspace("config");
      writeText(workspace);
      writeFileSync(join(workspace, "broken.igla.toml"), broken);
      writeFileSync(join(workspace, "sound.igla.toml"), raceText());
      window = await bench().open(workspace);
      await window.openFile("broken.igla.toml");
    }, 120_000);

    it("marks mistakes at the exact key, with the nearest name", async () => {
      await window.page.locator(".squiggly-error").first().waitFor();
      await window.command("Problems: Focus on Problems View");
      const rows = window.page.locator(".markers-panel .monaco-list-row");
      await rows.filter({ hasText: "heads" }).first().waitFor();
      const texts = (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "));
      const at = (part: string) => texts.find((text) => text.includes(`[Ln ${lineOf(broken, part)}, Col`));
      expect(at("widht = 16")).toMatch(/Did you mean (model\.)?width\?.*Col 1\]/);
      expect(at("heads =")).toMatch(/Col 9\]/);
      await window.picture("config-diagnostics");
      await window.command("View: Toggle Panel Visibility");
    });

    it("explains a key on hover", async () => {
      await window.page
        .locator(".view-line span span", { hasText: /^layers$/ })
        .first()
        .hover();
      const hover = window.page.locator(".monaco-hover:not(.hidden)").first();
      await hover.waitFor();
      expect(await hover.innerText()).toContain("model.layers");
      await window.picture("config-hover");
      await window.page.keyboard.press("Escape");
    });

    it("completes keys of the section, and the rest of the file stays as it is", async () => {
      await window.openFile("sound.igla.toml");
      await window.goTo(lineOf(raceText(), "[schedule]"), 1);
      await window.page.keyboard.type("l");
      await window.page.keyboard.press("Control+Space");
      const suggestion = window.page.locator(".suggest-widget .monaco-list-row", { hasText: "lr" }).first();
      await suggestion.waitFor();
      await window.picture("config-completion");
      await suggestion.click();
      await window.page.locator(".view-line", { hasText: "lr = 0.003" }).first().waitFor();
    });

    it("offers to start over the file, and to falsify the lever over its section", async () => {
      const lenses = window.page.locator(".codelens-decoration a");
      await lenses.filter({ hasText: "Start race" }).first().waitFor();
      const texts = await lenses.allInnerTexts();
      expect(texts.join(" | ")).toContain("Start seed");
      await lenses.filter({ hasText: "Falsify this lever" }).first().waitFor();
      expect(await lenses.filter({ hasText: "Falsify this lever" }).allInnerTexts()).toEqual([
        "Falsify this lever · claimed -0.0100 · not tested here",
      ]);
      await window.picture("config-lenses");
      await window.command("File: Revert File");
    });
  });
}
