import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bench } from "../bench.ts";
import { ChartView } from "../chart-view.ts";
import { curveSteps, daemonPid, newestRace, progress, until } from "../daemon-view.ts";
import { longRaceText, writeText } from "../races.ts";
import type { Window } from "../window.ts";

export function midRace(bench: () => Bench): void {
  describe("in mid-race", () => {
    let workspace: string;
    let window: Window;
    let chart: ChartView;
    const farthest = (all: readonly { lastStep: number }[]) => Math.max(0, ...all.map(({ lastStep }) => lastStep));

    beforeAll(async () => {
      workspace = bench().workspace("mid-race");
      writeText(workspace);
      writeFileSync(join(workspace, "long.igla.toml"), longRaceText("long"));
      window = await bench().open(workspace);
      chart = new ChartView(window);
    }, 120_000);

    it("is started from the palette", async () => {
      await window.openFile("long.igla.toml");
      await window.command("Igla: Start race");
      await window.container("Igla");
      await chart.untilSeries("curves", (all) => farthest(all) > 200, 60_000);
    });

    it("states, speeds and the status bar are those of a running race", async () => {
      await window.rows("Races").filter({ hasText: "long" }).filter({ hasText: "running" }).waitFor();
      await window.rows("Races").filter({ hasText: "tok/s" }).first().waitFor();
      await window.statusBar(/Igla: long.*tok\/s/).waitFor();
      await window.picture("running");
    });

    it("a point is on the screen a moment after it was recorded", async () => {
      await until(
        "latency samples",
        () => chart.latency(),
        (found) => found.count >= 20,
      );
      const { medianMs } = await chart.latency();
      bench().figure("event to pixel, median", medianMs, "ms");
      expect(medianMs).toBeLessThan(3000);
    });

    it("a reloaded window shows the race that went on, and a chart without a gap", async () => {
      const before = await progress(workspace);
      const pid = await daemonPid(workspace);
      await window.reload();
      await window.container("Igla");
      await window.rows("Races").filter({ hasText: "long" }).filter({ hasText: "running" }).waitFor();
      await window.showChart();
      const series = await chart.untilSeries("the chart to catch up", (all) => farthest(all) > before);
      expect(await daemonPid(workspace)).toBe(pid);
      const { reportEvery } = await newestRace(workspace);
      for (const { trialId, points, lastStep } of series.filter((one) => one.lastStep > 0)) {
        const steps = (await curveSteps(workspace, trialId)).filter((step) => step <= lastStep);
        for (const [index, step] of steps.entries()) {
          if (index > 0) expect(step - (steps[index - 1] ?? 0)).toBeLessThanOrEqual(reportEvery);
        }
        // The daemon reduces long curves; short ones must be complete.
        if (steps.length <= 500) expect(points).toBe(steps.length);
      }
      await window.picture("reloaded");
    });

    it("a killed daemon dims the views, the status bar says so, and both recover by themselves", async () => {
      const before = await progress(workspace);
      const pid = await daemonPid(workspace);
      process.kill(pid, "SIGKILL");
      await window.statusBar("Igla: reconnecting").waitFor();
      await window.picture("killed");
      await window.statusBar(/Igla: long/).waitFor({ timeout: 40_000 });
      expect(await daemonPid(workspace)).not.toBe(pid);
      await until(
        "the race to go on",
        () => progress(workspace),
        (step) => step > before,
        40_000,
      );
      await chart.untilSeries("the chart to go on", (all) => farthest(all) > before, 40_000);
      await window.rows("Races").filter({ hasText: "long" }).filter({ hasText: "running" }).waitFor();
      await window.picture("recovered");
    });

    it("pauses and resumes from the tree", async () => {
      const race = window.rows("Races").filter({ hasText: "long" }).first();
      await window.choose(await window.menuOf(race), /^\s*Pause/);
      await race.filter({ hasText: "paused" }).waitFor();
      await until(
        "the pause",
        () => newestRace(workspace),
        ({ status }) => status === "paused",
      );
      await window.picture("paused");
      await window.choose(await window.menuOf(race), /^\s*Resume/);
      await until(
        "the race to run",
        () => newestRace(workspace),
        ({ status }) => status === "running",
      );
    });

    it("our code is active in a moment", async () => {
      const ms = await window.activationMs("Igla");
      bench().figure("activation", ms, "ms");
      expect(ms).toBeLessThan(1000);
    });
  });
}
