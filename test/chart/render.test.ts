/** The built chart in a real browser: what it draws, asks and says. Figures are printed, not asserted. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TrialStatus } from "../../daemon/protocol/events.ts";
import { pageText } from "../../extension/features/chart-html.ts";
import { ChartBrowser, type ChartPage, chromiumPath, hasChromium } from "./chart-page.ts";
import { curveFacts, raceFacts, trialFacts } from "./curves.ts";

const shots = mkdtempSync(join(tmpdir(), "igla-chart-"));
const statuses: readonly TrialStatus[] = [
  "running",
  "running",
  "paused",
  "completed",
  "killed",
  "waiting",
  "held",
  "diverged",
];
const curves = statuses.map((_, number) => curveFacts(number, [900, 900, 300, 900, 300, 100, 300, 100][number] ?? 0));
const trials = statuses.map((status, number) => trialFacts(number, status, curves[number] ?? curveFacts(number, 1)));

describe.skipIf(!hasChromium)(`the chart in a browser${hasChromium ? "" : ` (skipped: no ${chromiumPath})`}`, () => {
  let browser: ChartBrowser;
  let chart: ChartPage;
  const control = (name: string) => chart.page.locator(`[data-control="${name}"]`);
  const pixels = () => chart.page.evaluate(() => document.querySelector("canvas")?.toDataURL() ?? "");
  const ranges = async (): Promise<{ x: [number, number]; y: [number, number] }> => {
    await chart.settled();
    return JSON.parse((await chart.page.evaluate(() => document.body.dataset.ranges)) ?? "");
  };
  const html = (script: string, style: string) => pageText(script, style, "http://chart.test", "n0nce");

  beforeAll(async () => {
    browser = await ChartBrowser.start();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    chart = await browser.open(html);
    await chart.plot([raceFacts], trials, curves);
  });
  afterEach(async () => {
    await chart.page.close();
    expect(chart.problems).toEqual([]);
  });

  test("draws in light, dark and high contrast", async () => {
    const seen = new Set<string>();
    for (const theme of ["dark", "light", "high-contrast"] as const) {
      await chart.setTheme(theme);
      await chart.settled();
      seen.add(await pixels());
      await chart.page.screenshot({ path: join(shots, `${theme}.png`) });
    }
    expect(seen.size).toBe(3);
    console.log(`screenshots: ${shots}`);
  });

  test("moves the right series when points come, and measures the delay", async () => {
    const before = await pixels();
    const { trialId } = curves[0] ?? { trialId: "" };
    const points = { trialId, atMs: Date.now(), steps: [9010, 9020], lossNats: [1.2, 1.1] };
    await chart.send({ kind: "points", points: [points] });
    await chart.settled();
    expect(await pixels()).not.toBe(before);
    const series = await chart.series();
    expect(series.map(({ lastStep }) => lastStep)).toEqual([9020, 9000, 3000, 9000, 3000, 1000, 3000, 1000]);
    expect(series[0]?.trainBpb).toBeCloseTo(1.1 / Math.LN2, 9);
    const latency = Number(await chart.page.evaluate(() => document.body.dataset.latencyMs));
    expect(latency).toBeGreaterThanOrEqual(0);
    expect(latency).toBeLessThan(2000);
  });

  test("says where its numbers come from and tells training from validation", async () => {
    const text = await chart.page.locator("main").innerText();
    expect(text).toContain("tinyshakespeare 86c4e6aa9db7 ascii · three-way · chunked");
    expect(await chart.page.locator(".keys").innerText()).toMatch(
      /train[\s\S]*validation \(chunked\)[\s\S]*paused or ended/,
    );
    await control("smoothing").focus();
    await chart.page.keyboard.press("ArrowRight");
    await chart.settled();
    expect(await chart.page.locator(".keys").innerText()).toContain("train, smoothed 0.3");
    expect((await chart.posted()).at(-1)).toMatchObject({ kind: "query", query: { smoothing: 0.3 } });
  });

  test("zooms by a frame, pans by wheel and Shift, resets, and remembers", async () => {
    const whole = await ranges();
    const { mouse, keyboard } = chart.page;
    await mouse.move(400, 200);
    await mouse.down();
    await mouse.move(700, 205, { steps: 4 });
    await mouse.up();
    const zoomed = await ranges();
    expect(zoomed.x[0]).toBeGreaterThan(whole.x[0] + 1000);
    expect(zoomed.x[1]).toBeLessThan(whole.x[1] - 1000);
    await mouse.wheel(0, 100);
    const panned = await ranges();
    expect(panned.x[0]).toBeGreaterThan(zoomed.x[0]);
    expect(panned.x[1] - panned.x[0]).toBeCloseTo(zoomed.x[1] - zoomed.x[0], 6);
    await keyboard.down("Shift");
    await mouse.move(500, 250);
    await mouse.down();
    await mouse.move(600, 250, { steps: 3 });
    await mouse.up();
    await keyboard.up("Shift");
    expect((await ranges()).x[0]).toBeLessThan(panned.x[0]);
    expect(await chart.saved()).toMatchObject({ zoomX: [expect.any(Number), expect.any(Number)] });
    await control("reset").click();
    expect(await ranges()).toEqual(whole);
  });

  test("asks for details where the curves were reduced", async () => {
    const reduced = [curveFacts(0, 10_000, 10, 500)];
    await chart.plot([raceFacts], [trialFacts(0, "running", reduced[0] ?? curveFacts(0, 1))], reduced);
    await chart.page.locator(".plot").focus();
    for (let i = 0; i < 5; i++) await chart.page.keyboard.press("+");
    const range = { fromStep: expect.any(Number), toStep: expect.any(Number) };
    await expect.poll(async () => (await chart.posted()).at(-1)).toMatchObject({ kind: "query", query: { range } });
  });

  test("is read off by keyboard", async () => {
    await chart.page.locator(".plot").focus();
    await chart.page.keyboard.press("ArrowLeft");
    const readout = chart.page.locator(".readout");
    expect(await readout.innerText()).toMatch(/^#\d+ .*\n\d\.\d{3} BPB · train\nStep 9000$/);
    await chart.page.keyboard.press("ArrowLeft");
    expect(await readout.innerText()).toContain("Step 8990");
    const first = (await readout.innerText()).split("\n")[0];
    await chart.page.keyboard.press("ArrowDown");
    expect((await readout.innerText()).split("\n")[0]).not.toBe(first);
    await chart.page.keyboard.press("Escape");
    expect(await readout.isVisible()).toBe(false);
  });

  test("offers a table, a target, other axes, PNG and CSV", async () => {
    await control("table").click();
    expect(await chart.page.locator("tbody tr").count()).toBe(8);
    expect(await chart.page.locator("tbody tr").first().innerText()).toMatch(
      /#\d+.*first race\s+\w+\s+\d+\s+9000\s+\d\.\d{3}\s+\d\.\d{3}/,
    );
    await chart.page.screenshot({ path: join(shots, "table.png") });
    await control("table").click();
    await control("target").locator("input").fill("1,5");
    await chart.settled();
    expect(await chart.page.locator('[data-key="target"]').innerText()).toContain("1.500");
    expect((await ranges()).y[0]).toBeLessThan(1.5);
    await control("logX").click();
    await control("logY").click();
    expect((await ranges()).x[0]).toBe(10);
    await control("x-axis").click();
    await chart.page.getByRole("option", { name: "Time" }).click();
    await chart.settled();
    expect(await chart.saved()).toMatchObject({ xAxis: "time", logX: true, logY: true, target: "1,5" });
    await chart.page.screenshot({ path: join(shots, "log-time.png") });
    await control("csv").click();
    await control("png").click();
    const [csv, png] = (await chart.posted()).slice(-2);
    expect(csv).toEqual({ kind: "save-csv" });
    expect(png).toMatchObject({ kind: "save-png", base64: expect.stringMatching(/^iVBORw0KGgo/) });
  });

  test("starts where it was left", async () => {
    await chart.page.close();
    const saved = { xAxis: "tokens", logY: true, zoomX: [100_000, 200_000], table: false };
    chart = await browser.open(html, saved);
    await chart.plot([raceFacts], trials, curves);
    expect((await ranges()).x).toEqual([100_000, 200_000]);
    expect(await chart.saved()).toEqual(saved);
  });

  test("dims while the daemon is away, and says so", async () => {
    await chart.send({ kind: "daemon", state: "lost", detail: "" });
    await chart.settled();
    expect(await chart.page.locator(".banner").innerText()).toContain("connection to the daemon is lost");
    expect(await chart.page.evaluate(() => document.body.classList.contains("away"))).toBe(true);
    await chart.send({ kind: "daemon", state: "connected", detail: "" });
    await chart.settled();
    expect(await chart.page.locator(".banner").isVisible()).toBe(false);
  });

  test("pans 200 curves of 10,000 points", { timeout: 120_000 }, async () => {
    const many = Array.from({ length: 200 }, (_, number) => curveFacts(number, 10_000, 10, 400));
    const states = many.map((curve, number) => trialFacts(number, number % 3 === 0 ? "running" : "paused", curve));
    await chart.plot([raceFacts], states, many);
    await chart.settled();
    expect(await chart.series()).toHaveLength(200);
    const frames = await chart.page.evaluate(async () => {
      const area = document.querySelector(".plot");
      const gaps: number[] = [];
      let last = performance.now();
      for (let i = 0; i < 60; i++) {
        area?.dispatchEvent(new WheelEvent("wheel", { deltaY: i < 30 ? 20 : -20, bubbles: true, cancelable: true }));
        await new Promise((done) => requestAnimationFrame(done));
        gaps.push(performance.now() - last);
        last = performance.now();
      }
      return gaps.sort((a, b) => a - b);
    });
    const drawMs = await chart.page.evaluate(() => document.body.dataset.drawMs);
    const [median, slow] = [frames[30] ?? 0, frames[57] ?? 0];
    console.log(
      `200 x 10,000: frame ${median.toFixed(1)} ms median, ${slow.toFixed(1)} ms p95; script ${drawMs} ms a frame`,
    );
    await chart.page.screenshot({ path: join(shots, "many.png") });
    expect(median).toBeLessThan(1000);
  });
});

/** As much of the browser as the functions that run in the page use; the tests' own types are Node's. */
declare const document: {
  querySelector(selector: string): { toDataURL(): string; dispatchEvent(event: object): boolean } | null;
  readonly body: {
    readonly dataset: Readonly<Record<string, string | undefined>>;
    readonly classList: { contains(name: string): boolean };
  };
};
declare class WheelEvent {
  constructor(kind: string, options: object);
}
declare function requestAnimationFrame(run: (time: number) => void): number;
