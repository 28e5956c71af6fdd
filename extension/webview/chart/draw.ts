/** Draws curves, markers and lines of reference on the plot's canvas. All places are canvas pixels. */
import { firstAtLeast } from "./curve-line.ts";
import { traceMarker } from "./markers.ts";
import type { ResultMark } from "./model.ts";
import type { Range } from "./ranges.ts";
import type { SeriesStyle, Theme } from "./theme.ts";

export interface DrawnSeries {
  readonly xs: readonly number[];
  readonly bpb: readonly number[];
  readonly marks: readonly ResultMark[];
  readonly style: SeriesStyle;
  readonly isActive: boolean;
  readonly isFocused: boolean;
}

export interface Scene {
  readonly x: Range;
  readonly y: Range;
  readonly series: readonly DrawnSeries[];
  /** Places of the rungs on the x axis. */
  readonly rungs: readonly { readonly x: number; readonly label: string }[];
  readonly best: readonly ResultMark[];
  readonly target: number | null;
}

export interface Canvas {
  readonly ctx: CanvasRenderingContext2D;
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly toX: (x: number) => number;
  readonly toY: (bpb: number) => number;
  /** Canvas pixels of one CSS pixel. */
  readonly scale: number;
}

/** Above this many curves lines get thin, and a marker along the line only covers its neighbours. */
const manySeries = 24;

export function drawScene(canvas: Canvas, scene: Scene, theme: Theme): void {
  const { ctx, box, scale } = canvas;
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  ctx.lineJoin = "round";
  drawRungs(canvas, scene, theme);
  const isCrowded = scene.series.length > manySeries;
  if (isCrowded) ctx.lineJoin = "bevel";
  const order = scene.series.toSorted(
    (a, b) => Number(a.isActive) - Number(b.isActive) || Number(a.isFocused) - Number(b.isFocused),
  );
  for (const series of order) {
    const { style, isActive, isFocused } = series;
    ctx.strokeStyle = isActive || isFocused ? style.color : theme.inactive;
    ctx.globalAlpha = isActive || isFocused ? 1 : theme.isHighContrast ? 0.6 : 1;
    ctx.lineWidth = (isFocused ? 2.5 : isCrowded || !isActive ? 1 : 1.5) * scale;
    // Dashes tell some curves apart, not hundreds, and cost most of a frame.
    ctx.setLineDash(isCrowded && !isFocused ? [] : style.dash.map((length) => length * scale));
    strokeCurve(canvas, series.xs, series.bpb, scene.x);
    if (theme.isHighContrast && !isCrowded) drawAlong(canvas, series, scene.x);
  }
  ctx.setLineDash([]);
  for (const series of order) drawMarks(canvas, series, theme);
  drawBest(canvas, scene, theme);
  drawTarget(canvas, scene, theme);
  ctx.restore();
}

/**
 * One stroke through the visible points. Where several fall into one column of pixels only the column's first,
 * lowest, highest and last are drawn, which covers the same pixels.
 */
function strokeCurve({ ctx, toX, toY }: Canvas, xs: readonly number[], bpb: readonly number[], range: Range): void {
  const start = Math.max(0, firstAtLeast(xs, range[0]) - 1);
  const end = Math.min(xs.length, firstAtLeast(xs, range[1]) + 1);
  ctx.beginPath();
  let column = Number.NaN;
  let low = 0;
  let high = 0;
  let last = 0;
  const flush = () => {
    if (Number.isNaN(column) || low === high) return;
    ctx.lineTo(column, low);
    ctx.lineTo(column, high);
    ctx.lineTo(column, last);
  };
  for (let index = start; index < end; index++) {
    const value = bpb[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      flush();
      column = Number.NaN;
      continue;
    }
    const x = Math.round(toX(xs[index] ?? 0));
    const y = toY(value);
    if (x === column) {
      low = Math.min(low, y);
      high = Math.max(high, y);
    } else {
      flush();
      if (Number.isNaN(column)) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
      column = x;
      low = y;
      high = y;
    }
    last = y;
  }
  flush();
  ctx.stroke();
}

/** Pixels between two markers along a line in high contrast. */
const markerGap = 90;

function drawAlong({ ctx, toX, toY, scale }: Canvas, { xs, bpb, style }: DrawnSeries, range: Range): void {
  ctx.setLineDash([]);
  let next = -Infinity;
  const end = Math.min(xs.length, firstAtLeast(xs, range[1]) + 1);
  for (let index = Math.max(0, firstAtLeast(xs, range[0]) - 1); index < end; index++) {
    const x = toX(xs[index] ?? 0);
    if (x < next || Number.isNaN(bpb[index] ?? Number.NaN)) continue;
    next = x + markerGap * scale;
    traceMarker(ctx, style.marker, x, toY(bpb[index] ?? 0), 3 * scale);
    ctx.stroke();
  }
}

/** Validation results: filled markers with an edge, hollow for trials that do not run. */
function drawMarks(
  { ctx, toX, toY, scale }: Canvas,
  { marks, style, isActive, isFocused }: DrawnSeries,
  theme: Theme,
): void {
  ctx.lineWidth = 1.5 * scale;
  ctx.globalAlpha = 1;
  for (const { x, valBpb } of marks) {
    traceMarker(ctx, style.marker, toX(x), toY(valBpb), (isFocused ? 6 : 4.5) * scale);
    const isLit = isActive || isFocused;
    ctx.fillStyle = isLit ? style.color : theme.background;
    ctx.strokeStyle = isLit ? theme.background : theme.inactive;
    ctx.fill();
    ctx.stroke();
  }
}

function drawRungs({ ctx, box, toX, scale }: Canvas, { rungs, x: range }: Scene, theme: Theme): void {
  ctx.strokeStyle = theme.lines;
  ctx.fillStyle = theme.foreground;
  ctx.lineWidth = scale;
  ctx.setLineDash([2 * scale, 4 * scale]);
  ctx.font = scaledFont(theme.font, scale);
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  let free = -Infinity;
  for (const { x, label } of rungs) {
    if (x < range[0] || x > range[1]) continue;
    const left = Math.round(toX(x)) + 0.5;
    ctx.globalAlpha = 0.7;
    ctx.beginPath();
    ctx.moveTo(left, box.top);
    ctx.lineTo(left, box.top + box.height);
    ctx.stroke();
    const { width } = ctx.measureText(label);
    const isRoomy = left + width + 8 * scale < box.left + box.width;
    const start = isRoomy ? left + 4 * scale : left - width - 4 * scale;
    if (start < free) continue;
    ctx.globalAlpha = 0.9;
    ctx.fillText(label, start, box.top + 4 * scale);
    free = start + width + 4 * scale;
  }
}

/** A staircase: the best validation result so far holds until a better one comes. */
function drawBest({ ctx, box, toX, toY, scale }: Canvas, { best }: Scene, theme: Theme): void {
  const [first] = best;
  if (first === undefined) return;
  ctx.strokeStyle = theme.best;
  ctx.globalAlpha = 0.85;
  ctx.lineWidth = 1.5 * scale;
  ctx.setLineDash([6 * scale, 3 * scale]);
  ctx.beginPath();
  ctx.moveTo(toX(first.x), toY(first.valBpb));
  let top = toY(first.valBpb);
  for (const { x, valBpb } of best.slice(1)) {
    ctx.lineTo(toX(x), top);
    top = toY(valBpb);
    ctx.lineTo(toX(x), top);
  }
  ctx.lineTo(box.left + box.width, top);
  ctx.stroke();
}

function drawTarget({ ctx, box, toY, scale }: Canvas, { target }: Scene, theme: Theme): void {
  if (target === null) return;
  const top = Math.round(toY(target)) + 0.5;
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.target;
  ctx.fillStyle = theme.target;
  ctx.lineWidth = 1.5 * scale;
  ctx.setLineDash([10 * scale, 4 * scale]);
  ctx.beginPath();
  ctx.moveTo(box.left, top);
  ctx.lineTo(box.left + box.width, top);
  ctx.stroke();
  ctx.font = scaledFont(theme.font, scale);
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  ctx.fillText(target.toFixed(3), box.left + box.width - 4 * scale, top - 2 * scale);
}

/** A CSS font with its size in canvas pixels. */
export function scaledFont(font: string, scale: number): string {
  return font.replace(/^([\d.]+)px/, (_, size) => `${Number(size) * 0.9 * scale}px`);
}
