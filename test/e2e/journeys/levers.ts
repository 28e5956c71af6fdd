import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { LeverVerdict, RecordedVerdict } from "../../../daemon/protocol/experiments.ts";
import type { Bench } from "../bench.ts";
import { experiments, until, verdicts } from "../daemon-view.ts";
import { longRaceText, raceText, writeText } from "../races.ts";
import type { Window } from "../window.ts";

const words: Readonly<Record<LeverVerdict["verdict"], string>> = {
  refuted: "Refuted",
  survived: "Survived",
  inconclusive: "Inconclusive",
  "dead-lever": "Dead",
  invalid: "Invalid",
};
const word = (found: RecordedVerdict | undefined) => words[found?.outcome.verdict ?? "invalid"];

/** As the views write a change: negative is better. */
function shown(gain: number | null | undefined): string {
  if (gain === null || gain === undefined) throw new Error("nothing was measured");
  const text = Math.abs(gain).toFixed(4);
  return Number(text) === 0 ? text : `${gain > 0 ? "\u2212" : "+"}${text}`;
}

/** "Falsify this lever": from the editor to a verdict that the ledger holds. */
export function levers(bench: () => Bench): void {
  describe("a lever put to the test", () => {
    let workspace: string;
    let window: Window;
    const dialog = () => window.page.locator(".monaco-dialog-box");
    const answer = (name: string) => dialog().locator(".monaco-button", { hasText: name }).click();
    const rows = () => window.rows("Levers");
    const tests = () => window.page.locator(".test-explorer .monaco-list-row");
    const newest = async (lever: string): Promise<RecordedVerdict | undefined> =>
      (await verdicts(workspace)).findLast((one) => one.lever === lever);
    const verdictOn = (lever: string) =>
      until(
        `the verdict on ${lever}`,
        () => newest(lever),
        (one) => one !== undefined,
        100_000,
      );
    /** Inline actions show up under the pointer only. */
    const act = async (row: Locator, name: RegExp) => {
      const button = row.getByRole("button", { name }).first();
      for (let attempt = 1; ; attempt++) {
        await row.hover();
        // A list that is drawn anew in between takes the button away with the row that the pointer was on.
        const done = await button.click({ timeout: 2000 }).then(
          () => true,
          (error: unknown) => (attempt < 10 ? false : Promise.reject(error)),
        );
        if (done) return;
      }
    };

    beforeAll(async () => {
      workspace = bench().workspace("levers");
      writeText(workspace);
      writeFileSync(join(workspace, "long.igla.toml"), longRaceText("long"));
      const short = raceText({ steps: [100, 400], reportEvery: 100 });
      writeFileSync(join(workspace, "tiny.igla.toml"), `${short}\n[levers.qk-norm]\n`);
      window = await bench().open(workspace);
      await window.openFile("long.igla.toml");
    }, 120_000);

    it("lists all levers once somebody asks, and starts nothing before", async () => {
      await window.container("Igla");
      await window.button("Show levers").waitFor();
      expect(readdirSync(workspace)).not.toContain(".igla");
      await window.button("Show levers").click();
      await rows().filter({ hasText: "Not tested" }).waitFor({ timeout: 60_000 });
      await window.picture("levers-before");
    });

    it("asks which lever, and shows cost and power before anything runs", async () => {
      await window.command("Igla: Falsify a lever");
      await window.picks.filter({ hasText: "long.igla.toml" }).click();
      await window.picks.filter({ hasText: "QK-norm" }).waitFor();
      await window.picture("levers-which");
      await window.picks.filter({ hasText: "ReLU\u00b2" }).first().click();
      await dialog().waitFor();
      const text = await dialog().innerText();
      for (const part of ["Falsify ReLU\u00b2?", "Claim:", "5 pairs, seeds 43", "FLOP", "Power:", "Corpus: text"]) {
        expect(text).toContain(part);
      }
      await window.picture("levers-question");
      expect(readdirSync(workspace)).not.toContain("assertions");
    });

    it("shows progress in the view, as a notification and at the lever in the editor", async () => {
      await answer("Start");
      const progress = window.notifications.filter({ hasText: "Falsifying ReLU\u00b2" });
      await progress.locator(".monaco-button", { hasText: "Cancel" }).waitFor();
      await rows().filter({ hasText: "Falsifying ReLU\u00b2" }).filter({ hasText: "Training the pairs" }).waitFor();
      const steps = async () => (await experiments(workspace)).at(-1)?.doneSteps ?? 0;
      const before = await steps();
      await until("progress", steps, (now) => now > before);
      await window.page.locator(".testing-run-glyph.codicon-loading").first().waitFor();
      await window.picture("levers-running");
      // Races that an experiment trains are not news of their own, nor the file's race.
      expect(await window.notifications.filter({ hasText: "The race" }).count()).toBe(0);
      expect((await window.texts(window.page.locator(".codelens-decoration a"))).join()).not.toContain("steps trained");
    });

    it("goes on through a reload of the window, and says so again", async () => {
      await window.reload();
      await window.container("Igla");
      await window.notifications.filter({ hasText: "Falsifying ReLU\u00b2" }).waitFor({ timeout: 60_000 });
      await window.picture("levers-reloaded");
    });

    it("is stopped in the view, and what was trained is kept", async () => {
      await act(rows().filter({ hasText: "Falsifying ReLU\u00b2" }), /Stop the experiment/);
      const message = window.notifications.filter({ hasText: "was stopped. What was trained is kept." });
      await message.locator(".monaco-button", { hasText: "Continue" }).waitFor();
      expect((await experiments(workspace)).at(-1)?.status).toBe("stopped");
      await rows().filter({ hasText: "Falsifying" }).waitFor({ state: "hidden" });
      await window.command("Notifications: Clear All Notifications");
    });

    it("tells the verdict, with as many pairs as were asked for, and opens its line of the ledger", async () => {
      await window.openFile("tiny.igla.toml");
      const lens = window.page.locator(".codelens-decoration a", { hasText: "Falsify this lever" });
      await lens.filter({ hasText: "claimed -0.0100 \u00b7 not tested here" }).click();
      await answer("Change the pairs");
      const input = window.page.locator('.quick-input-widget:not([style*="display: none"]) input');
      await input.fill("3");
      await input.press("Enter");
      await dialog().filter({ hasText: "3 pairs, seeds 43" }).waitFor();
      await answer("Start");
      const found = await verdictOn("relu2");
      const message = window.notifications.filter({ hasText: `ReLU\u00b2: ${word(found)}` });
      await message.waitFor();
      await window.picture("levers-verdict");
      await message.locator(".monaco-button", { hasText: "Open ledger line" }).click();
      await window.tab("seed_results.jsonl").waitFor();
      const ledger = readFileSync(join(workspace, "assertions/seed_results.jsonl"), "utf8").split("\n");
      expect(ledger[(found?.line ?? 0) - 1]).toContain(found?.experimentId);
    });

    it("puts the lever under its verdict, with the ledger's numbers", async () => {
      const found = await newest("relu2");
      const spoken = () => window.spoken(rows());
      const texts = await until("the row", spoken, (all) => all.some((text) => text.includes("ReLU\u00b2")));
      expect(texts.join("\n")).toContain(word(found));
      const row = texts.find((text) => text.includes("ReLU\u00b2"));
      const { gain, interval, claim } = found?.outcome ?? {};
      for (const number of [gain, interval?.high, interval?.low]) expect(row).toContain(shown(number));
      expect(row).toContain(`claimed ${shown(claim)}`);
      expect(row).toContain("3 seeds");
      await rows().filter({ hasText: "ReLU\u00b2" }).hover();
      const hover = window.page.locator(".monaco-hover:not(.hidden)", { hasText: "Measured on" }).first();
      await hover.waitFor();
      await window.picture("levers-tooltip");
      await rows().filter({ hasText: "ReLU\u00b2" }).click();
      await window.page.locator('.tabs-container .tab.active[data-resource-name="tiny.igla.toml"]').waitFor();
      const line = readFileSync(join(workspace, "tiny.igla.toml"), "utf8").split("\n").indexOf("[levers.relu2]") + 1;
      await window.statusBar(`Ln ${line}, Col`).first().waitFor();
    });

    it("stands in the Test Explorer, where the other lever of the file is put to the test", async () => {
      await window.container("Testing");
      const file = tests().filter({ hasText: "tiny.igla.toml" });
      await file.first().waitFor();
      await file.first().click();
      await window.page.keyboard.press("ArrowRight");
      const other = tests().filter({ hasText: "QK-norm" });
      await other.waitFor();
      await tests()
        .filter({ hasText: "ReLU\u00b2" })
        .filter({ hasText: word(await newest("relu2")) })
        .first()
        .waitFor();
      await window.picture("levers-tests");
      await act(other, /Run Test|Falsify/);
      await dialog().filter({ hasText: "Falsify QK-norm?" }).waitFor();
      await answer("Start");
      const found = await verdictOn("qk-norm");
      await tests()
        .filter({ hasText: "QK-norm" })
        .filter({ hasText: word(found) })
        .waitFor();
      await window.openFile("tiny.igla.toml");
      const texts = () =>
        window.texts(window.page.locator(".codelens-decoration a", { hasText: "Falsify this lever" }));
      const said = (lever: RecordedVerdict | undefined) => lever?.outcome.verdict.replace("-", " ") ?? "";
      const relu = await newest("relu2");
      const lenses = await until(
        "both verdicts in the lenses",
        texts,
        (all) => all.length === 2 && all.every((text) => text.includes("3 seeds") || text.includes("5 seeds")),
      );
      expect(lenses.join("\n")).toContain(said(relu));
      expect(lenses.join("\n")).toContain(said(found));
      await window.picture("levers-tests-done");
    });

    it("has the gates in the Test Explorer, where running one tries them all", async () => {
      await window.container("Testing");
      const gates = tests().filter({ hasText: /^Gates/ });
      await gates.click();
      await window.page.keyboard.press("ArrowRight");
      const gate = tests().filter({ hasText: "V1: muP coordinate check" });
      await gate.filter({ hasText: "not run yet" }).waitFor();
      await act(gate, /Run Test|Falsify/);
      await gate.filter({ hasText: "plants caught: " }).waitFor({ timeout: 60_000 });
      const other = tests().filter({ hasText: "V2: Zero-cost proxy ranks like rung 2" });
      await other.filter({ hasText: "plants caught: " }).waitFor();
      await window.picture("levers-gates");
      expect(await dialog().count()).toBe(0);
    });
  });
}
