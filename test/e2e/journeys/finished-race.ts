import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bench } from "../bench.ts";
import { ChartView, type DrawnSeries } from "../chart-view.ts";
import { bestRows, newestRace, until } from "../daemon-view.ts";
import { raceText, writeText } from "../races.ts";
import type { Window } from "../window.ts";

/** Themes whose pictures are looked at; the class is the one that the workbench then carries. */
const themes: readonly [name: string, theme: string, className: string][] = [
  ["light", "Light Modern", "vs"],
  ["dark", "Dark Modern", "vs-dark"],
  ["high-contrast", "Default High Contrast", "hc-black"],
  ["high-contrast-light", "Default High Contrast Light", "hc-light"],
];

export function finishedRace(bench: () => Bench): void {
  describe("a race that has run to its end", () => {
    let workspace: string;
    let window: Window;
    let chart: ChartView;
    const trialRows = () => window.rows("Races").filter({ hasText: /^#?\s*#\d/ });

    beforeAll(async () => {
      workspace = bench().workspace("finished");
      writeText(workspace);
      writeFileSync(join(workspace, "tiny.igla.toml"), raceText());
      window = await bench().open(workspace);
      chart = new ChartView(window);
      await window.openFile("tiny.igla.toml");
    }, 120_000);

    it("is started from the lens over its file, and says when it has finished", async () => {
      await window.page.locator(".codelens-decoration a", { hasText: "Start race" }).first().click();
      await until(
        "the end of the race",
        () => newestRace(workspace).catch(() => null),
        (race) => race?.status === "finished",
        60_000,
      );
      await window.notifications.filter({ hasText: "has finished" }).waitFor();
      await window.picture("finished-notification");
      await window.command("Notifications: Clear All Notifications");
    });

    it("stands in the tree with its rungs, trials and results", async () => {
      await window.container("Igla");
      const race = await newestRace(workspace);
      await window.rows("Races").filter({ hasText: "tiny" }).filter({ hasText: "finished" }).waitFor();
      const rungs = race.rungs.map(({ steps }, index) => [`Rung ${index + 1}`, `step ${steps}`]);
      const trials = (await bestRows(workspace)).map(({ trialId, valBpb, step }) => [
        `#${race.trials[trialId]?.number}`,
        `${valBpb.toFixed(3)} BPB`,
        `step ${step}`,
      ]);
      expect(rungs.length * trials.length).toBeGreaterThan(0);
      // Rows are redrawn a moment after what they tell of.
      await until(
        `rows with ${JSON.stringify([...rungs, ...trials])}`,
        () => window.spoken(window.rows("Races")),
        (texts) => [...rungs, ...trials].every((row) => texts.some((text) => row.every((part) => text.includes(part)))),
      );
    });

    it("has a leaderboard in the daemon's order", async () => {
      const expected = (await bestRows(workspace)).map(({ valBpb }) => valBpb.toFixed(3));
      // The view is refreshed at most once a second: its rows may be complete before its numbers are the last ones.
      await until(
        `the leaderboard ${expected.join(", ")}`,
        async () => {
          const texts = await window.texts(window.rows("Leaderboard"));
          return texts.map((text) => /(\d\.\d{3}) BPB/.exec(text)?.[1]).filter(Boolean);
        },
        (shown) => shown.join() === expected.join(),
      );
    });

    it("shows the right series on the chart, with the daemon's numbers", async () => {
      await window.command("Igla: Open chart");
      const race = await newestRace(workspace);
      const count = Object.keys(race.trials).length;
      const isRight = ({ trialId, lastStep, valBpb, points }: DrawnSeries) =>
        points > 0 &&
        lastStep === race.trials[trialId]?.step &&
        valBpb === race.trials[trialId]?.results.at(-1)?.valBpb;
      await chart.untilSeries(
        "all series, with the daemon's numbers",
        (all) => all.length === count && all.every(isRight),
      );
      await chart.untilInked();
    });

    it("takes a series from the chart when its box is unticked", async () => {
      const before = await chart.series();
      const pixels = await chart.pixels();
      await trialRows().first().locator(".custom-view-tree-node-item-checkbox").click();
      const after = await chart.untilSeries("one series less", (all) => all.length === before.length - 1);
      expect(before.filter(({ trialId }) => !after.some((one) => one.trialId === trialId))).toHaveLength(1);
      await until(
        "other pixels",
        () => chart.pixels(),
        (now) => now !== pixels,
      );
      await trialRows().first().locator(".custom-view-tree-node-item-checkbox").click();
      await chart.untilSeries("the series again", (all) => all.length === before.length);
    });

    it("has a context menu that fits the state, and copies the canon name", async () => {
      const items = await window.menuOf(trialRows().first());
      await window.picture("finished-context-menu");
      const texts = await window.texts(items);
      for (const wanted of ["Pin", "Open", "canon name", "text", "Export"]) {
        expect(
          texts.some((text) => text.toLowerCase().includes(wanted.toLowerCase())),
          `${wanted} in ${texts}`,
        ).toBe(true);
      }
      expect(
        texts.some((text) => /pause|resume|stop/i.test(text)),
        `${texts}`,
      ).toBe(false);
      await window.choose(items, /canon name/i);
      await window.statusBar(/IGLA-.+-seed\d+/).waitFor();
    });

    it.each(themes)("looks right: %s", async (name, theme, className) => {
      await window.theme(theme);
      await window.page.locator(`.monaco-workbench.${className}`).waitFor();
      await chart.frame.locator(`body.${bodyClass[className]}`).waitFor();
      // The chart takes the colours over with its next picture.
      await window.page.waitForTimeout(500);
      await chart.untilInked();
      await window.picture(`theme-${name}`);
    });

    it("can be read as a table", async () => {
      await window.theme("Light Modern");
      await chart.frame.locator('[data-control="table"]').click();
      const best = (await bestRows(workspace)).map(({ valBpb }) => valBpb.toFixed(3));
      await until(
        `a table with ${best.join(", ")}`,
        () => window.texts(chart.frame.locator("tbody tr")),
        (rows) => best.every((valBpb) => rows.some((row) => row.includes(valBpb))),
      );
      await window.picture("finished-table");
      await chart.frame.locator('[data-control="table"]').click();
      await chart.frame.locator("canvas").first().waitFor();
    });
  });
}

/** The class that webviews carry for a class of the workbench. */
const bodyClass: Readonly<Record<string, string>> = {
  vs: "vscode-light",
  "vs-dark": "vscode-dark",
  "hc-black": "vscode-high-contrast",
  "hc-light": "vscode-high-contrast-light",
};
