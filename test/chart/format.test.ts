/** Numbers, messages and files of the chart. */
import { describe, expect, test } from "vitest";
import { pageText } from "../../extension/features/chart-html.ts";
import {
  bitsPerByte,
  formatBpb,
  formatCount,
  formatDuration,
  parseTarget,
} from "../../extension/webview/chart/format.ts";
import { Latency } from "../../extension/webview/chart/latency.ts";
import { parseChartMessage } from "../../extension/webview/chart/messages.ts";
import { pointsPerCurve } from "../../extension/webview/chart/queries.ts";
import { fill } from "../../extension/webview/chart/strings.ts";
import { isLabelled, logTicks } from "../../extension/webview/chart/ticks.ts";

describe("numbers", () => {
  test("bits per byte", () => {
    expect(bitsPerByte(Math.log(256))).toBeCloseTo(8, 12);
    expect(formatBpb(2.18349)).toBe("2.183");
    expect([formatBpb(null), formatBpb(Number.NaN), formatBpb(Infinity)]).toEqual(["–", "–", "–"]);
  });

  test.each([
    [0, "0"],
    [1500, "1500"],
    [27_000, "27k"],
    [1_048_576, "1.049M"],
    [3e9, "3G"],
  ])("%d as %s", (value, text) => expect(formatCount(value)).toBe(text));

  test.each([
    [0.25, "250 ms"],
    [42, "42 s"],
    [185, "3:05"],
    [7385, "2:03:05"],
    [266_700, "3d 02:05"],
  ])("%d seconds as %s", (value, text) => expect(formatDuration(value)).toBe(text));

  test("targets", () => {
    expect([parseTarget(""), parseTarget(" 1.85 "), parseTarget("1,85")]).toEqual([null, 1.85, 1.85]);
    for (const text of ["x", "-1", "0", "1.2.3"]) expect(parseTarget(text)).toBeNaN();
  });

  test("templates", () => expect(fill("{1} of {0}, {2}", 7, "a")).toBe("a of 7, {2}"));

  test("latency is the median over the latest samples", () => {
    const latency = new Latency();
    expect(latency.medianMs).toBeNull();
    for (const delay of [10, 1000, 30]) {
      latency.arrived(5000);
      latency.drawn(5000 + delay);
    }
    latency.drawn(9999);
    expect([latency.count, latency.medianMs]).toEqual([3, 30]);
    for (let i = 0; i < 300; i++) {
      latency.arrived(0);
      latency.drawn(7);
    }
    expect([latency.count, latency.medianMs]).toEqual([200, 7]);
  });

  test("points of a curve become fewer with the number of curves", () => {
    expect(pointsPerCurve(1)).toBe(8000);
    expect(pointsPerCurve(200) * 200).toBeLessThanOrEqual(80_000);
  });
});

describe("ticks of a logarithmic axis", () => {
  const labelled = (low: number, high: number) => logTicks(low, high).filter((tick) => isLabelled(tick, low, high));

  test("are round and lie on the axis", () => {
    expect(labelled(1.44, 8.2)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(labelled(1.9, 2.6)).toEqual([2, 2.2, 2.4, 2.6]);
    expect(labelled(10, 900)).toEqual([10, 20, 50, 100, 200, 500]);
    expect(labelled(10, 27_000)).toEqual([10, 100, 1000, 10_000]);
    expect(labelled(0.1, 3)).toEqual([0.1, 0.2, 0.5, 1, 2]);
    expect(logTicks(10, 100)).toHaveLength(10);
  });
});

describe("messages of the page", () => {
  const query = { smoothing: 0, spacing: "linear", maxPoints: 1000, range: null };

  test("are taken when they are the chart's", () => {
    expect(parseChartMessage({ kind: "ready" })).toEqual({ kind: "ready" });
    expect(parseChartMessage({ kind: "query", queryId: 3, query })).toEqual({ kind: "query", queryId: 3, query });
    const range = { fromStep: 10, toStep: 20 };
    expect(parseChartMessage({ kind: "query", queryId: 3, query: { ...query, range } })).toMatchObject({
      query: { range },
    });
  });

  test.each([
    null,
    "ready",
    { kind: "run" },
    { kind: "save-png", base64: 5 },
    { kind: "query", queryId: "1", query },
    { kind: "query", queryId: 1, query: { ...query, smoothing: 1 } },
    { kind: "query", queryId: 1, query: { ...query, smoothing: Number.NaN } },
    { kind: "query", queryId: 1, query: { ...query, maxPoints: 1e9 + 0.5 } },
    { kind: "query", queryId: 1, query: { ...query, spacing: "x" } },
    { kind: "query", queryId: 1, query: { ...query, range: { fromStep: -1, toStep: 3 } } },
  ])("are refused otherwise: %j", (value) => expect(parseChartMessage(value)).toBeNull());
});

test("the page lets in its own script and style sheet and nothing else", () => {
  const page = pageText("https://x/chart.js", "https://x/chart.css", "https://x", "n0nce");
  const policy = /content="(default-src[^"]+)"/.exec(page)?.[1] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'nonce-n0nce'");
  expect(policy).not.toMatch(/unsafe|connect-src|\*/);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).toContain('<script nonce="n0nce" src="https://x/chart.js">');
});
