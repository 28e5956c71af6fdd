import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Bench } from "../bench.ts";
import { ChartView } from "../chart-view.ts";
import { newestRace, until } from "../daemon-view.ts";
import type { Window } from "../window.ts";

/** From an empty folder to a moving curve, with one question. */
export function firstStart(bench: () => Bench): void {
  describe("first start in an empty folder", () => {
    let workspace: string;
    let window: Window;
    let askedAt = 0;

    it("offers Start seed and Create a race file, and says nothing unasked", async () => {
      workspace = bench().workspace("first");
      window = await bench().open(workspace);
      await window.container("Igla");
      await window.button("Start seed").waitFor();
      await window.button("Create a race file").waitFor();
      await window.picture("first-welcome");
      expect(await window.notifications.count()).toBe(0);
      expect(readdirSync(workspace)).toEqual([]);
    });

    it("asks one question: which text", async () => {
      await window.button("Start seed").click();
      const builtIn = window.picks.filter({ hasText: "TinyShakespeare" });
      await builtIn.waitFor();
      await window.picture("first-question");
      askedAt = Date.now();
      await builtIn.click();
    });

    it("shows race, rungs and trials in the tree", async () => {
      await window.rows("Races").filter({ hasText: "running" }).first().waitFor({ timeout: 60_000 });
      await window
        .rows("Races")
        .filter({ hasText: /step \d+/ })
        .nth(1)
        .waitFor({ timeout: 60_000 });
      const race = await newestRace(workspace);
      expect(race.corpus?.name).toMatch(process.env.IGLA_DATA === undefined ? /./ : /^tinyshakespeare$/);
      expect(await window.rows("Races").count()).toBeGreaterThan(2);
    });

    it("opens the chart by itself, and its curves move", async () => {
      const chart = new ChartView(window);
      await chart.untilSeries("a curve", (series) => series.some(({ points }) => points > 1), 60_000);
      bench().figure("question to first curve", Date.now() - askedAt, "ms");
      await chart.untilInked();
      const before = await chart.pixels();
      await until(
        "another picture",
        () => chart.pixels(),
        (pixels) => pixels !== before,
      );
      await window.picture("first-curve");
    });

    it("leaves one race file behind, and the race goes on after the window is closed", async () => {
      expect(readdirSync(workspace).filter((name) => name !== ".igla")).toEqual(["race.igla.toml"]);
      await window.close();
      const { seq } = await newestRace(workspace);
      await until(
        "another event",
        () => newestRace(workspace),
        (race) => race.seq > seq,
      );
    });
  });
}
