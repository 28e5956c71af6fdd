import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatBpb,
  formatBytes,
  formatCount,
  formatDuration,
  formatPoint,
  printableText,
} from "../../daemon/cli/render/format.ts";
import { percent, progressBar } from "../../daemon/cli/render/progress-bar.ts";
import { type Column, renderTable } from "../../daemon/cli/render/table.ts";
import { Terminal, wantsColor } from "../../daemon/cli/render/terminal.ts";
import { cut, lineWidth, renderLine, styled } from "../../daemon/cli/render/text.ts";
import { trialProgressLine } from "../../daemon/cli/render/trial-progress.ts";
import { FakeStream, screenOf } from "./cli-fixtures.ts";

describe("numbers", () => {
  it.each([
    [0, "0"],
    [7.25, "7.3"],
    [999, "999"],
    [1000, "1.0k"],
    [12_345, "12.3k"],
    [999_949, "999.9k"],
    [999_950, "1.0M"],
    [3_140_000, "3.1M"],
  ])("formatCount(%d) is %s", (value, text) => expect(formatCount(value)).toBe(text));

  it.each([
    [0, "0:00"],
    [59.6, "1:00"],
    [3599, "59:59"],
    [3600, "1:00:00"],
    [11_220, "3:07:00"],
  ])("formatDuration(%d) is %s", (value, text) => expect(formatDuration(value)).toBe(text));

  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [2 ** 34, "16 GiB"],
  ])("formatBytes(%d) is %s", (value, text) => expect(formatBytes(value)).toBe(text));

  it("shows a missing BPB as a dash", () => {
    expect([formatBpb(2.5), formatBpb(null)]).toEqual(["2.5000", "-"]);
  });

  it("names a point by its last keys, and levers that are on with their settings", () => {
    const point = {
      "optimizer.lr": 0.0030999,
      "levers.relu2": {},
      "levers.softcap": { cap: 30 },
      "levers.ema": false,
      "levers.muon": true,
      "optimizer.name": "muon",
      "model.norm_gain": false,
    };
    expect(formatPoint(point)).toBe("lr 0.0031, relu2, softcap(cap 30), muon, name muon, norm_gain false");
  });

  it("rounds fractions to three digits and whole numbers never", () => {
    const point = {
      "model.context": 4096,
      "schedule.steps": 123_456,
      "optimizer.lr": 0.00312345,
      "optimizer.eps": 1e-8,
    };
    expect(formatPoint(point)).toBe("context 4096, steps 123456, lr 0.00312, eps 1e-8");
  });

  it("lets no control character of a generated text reach the terminal", () => {
    expect(printableText("a\u001b[2J\tb\r\nc\u0000\u009b1m")).toBe("a·[2J\tb·\nc··1m");
  });
});

describe("progress bar", () => {
  it("is full only at the end and never wider than asked", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9999 }), fc.integer({ min: 0, max: 50 }), (fraction, width) => {
        expect(progressBar(fraction, width)).toHaveLength(width);
        expect(progressBar(fraction, width)).not.toBe(progressBar(1, Math.max(1, width)));
        expect(percent(fraction)).not.toBe("100%");
      }),
    );
    expect(progressBar(1, 3)).toBe("███");
    expect(percent(1)).toBe("100%");
    expect(progressBar(Number.NaN, 3)).toBe("░░░");
  });

  it("fits any width, and shows speed and time left", () => {
    const progress = { step: 250, totalSteps: 1000, trainBpb: 2.5, stepsPerSec: 10, tokensPerSec: 10_240 };
    const line = trialProgressLine(progress, 100);
    const text = renderLine(line, false);
    for (const part of ["25%", "250/1000 steps", "2.5000 BPB", "10 steps/s", "10.2k tokens/s", "1:15 left"]) {
      expect(text).toContain(part);
    }
    expect(lineWidth(line)).toBeLessThanOrEqual(100);
    expect(trialProgressLine({ ...progress, step: 0, trainBpb: null, stepsPerSec: null }, 10)).toBeDefined();
  });
});

describe("lines", () => {
  it("are cut to a width without touching styles", () => {
    const line = ["ab", styled("red", "cdef"), "g"];
    expect(cut(line, 7)).toBe(line);
    expect(renderLine(cut(line, 5), false)).toBe("abcd…");
    expect(cut(line, 5)[1]).toEqual(styled("red", "cd"));
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(30), (segments, width) => {
        expect(lineWidth(cut(segments, width))).toBeLessThanOrEqual(Math.max(width, 0));
      }),
    );
  });

  it("carry colour codes only when asked to", () => {
    expect(renderLine([styled("red", "x")], false)).toBe("x");
    expect(renderLine([styled("red", "x")], true)).toBe("\u001b[31mx\u001b[39m");
  });
});

describe("tables", () => {
  interface Row {
    readonly name: string;
    readonly value: number;
    readonly note: string;
  }
  const columns: Column<Row>[] = [
    { title: "name", align: "left", cell: ({ name }) => name },
    { title: "value", align: "right", cell: ({ value }) => String(value) },
    { title: "note", align: "left", cell: ({ note }) => note },
  ];
  const rows = [
    { name: "a", value: 5, note: "a long remark that needs room" },
    { name: "longer", value: 12345678, note: "x" },
  ];
  const text = (width: number) => renderTable(columns, rows, width).map((line) => renderLine(line, false));

  it("align their columns", () => {
    expect(text(80)).toEqual([
      "name       value  note",
      "a              5  a long remark that needs room",
      "longer  12345678  x",
    ]);
  });

  it("cut the last column, then leave columns out, and never exceed the width", () => {
    expect(text(28)[1]).toBe("a              5  a long re…");
    expect(text(20)).toEqual(["name       value", "a              5", "longer  12345678"]);
    expect(text(10)).toEqual(["name", "a", "longer"]);
    fc.assert(fc.property(fc.nat(60), (width) => text(width).every((line) => line.length <= width)));
  });
});

describe("terminal", () => {
  it("redraws its region in place and keeps printed lines above it", () => {
    const stream = new FakeStream({ isTTY: true, columns: 20, rows: 10 });
    const terminal = new Terminal(stream, {});
    terminal.print(["first"]);
    terminal.draw([["one"], ["two"]]);
    terminal.draw([["three"]]);
    terminal.print(["second"]);
    terminal.draw([["four and more than twenty columns"], ["five"]]);
    expect(screenOf(stream.text, 20)).toEqual(["first", "second", "four and more than …", "five"]);
    terminal.close(false);
    expect(screenOf(stream.text, 20)).toEqual(["first", "second"]);
    expect(stream.text.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stream.text.lastIndexOf("\u001b[?25l"));
  });

  it("erases wrapped lines after the terminal became narrower", () => {
    const stream = new FakeStream({ isTTY: true, columns: 20, rows: 10 });
    const terminal = new Terminal(stream, {});
    terminal.draw([["x".repeat(20)], ["y"]]);
    stream.columns = 10;
    stream.text = "";
    terminal.draw([["z"]]);
    expect(stream.text).toContain("\u001b[3F");
  });

  it("writes plain lines and no region into a pipe", () => {
    const stream = new FakeStream({});
    const terminal = new Terminal(stream, {});
    terminal.draw([["live"]]);
    terminal.print([styled("red", "kept")]);
    terminal.close(true);
    expect(stream.text).toBe("kept\n");
    expect([terminal.isLive, terminal.columns]).toEqual([false, null]);
  });

  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: "1" }, false],
    [{ isTTY: true }, { NO_COLOR: "" }, true],
    [{ isTTY: true }, { TERM: "dumb" }, false],
    [{}, {}, false],
    [{}, { FORCE_COLOR: "1" }, true],
    [{}, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    [{ isTTY: true }, { FORCE_COLOR: "0" }, false],
  ])("colour for %j with %j: %s", (kind, env, expected) => {
    expect(wantsColor(new FakeStream(kind), env)).toBe(expected);
  });
});
