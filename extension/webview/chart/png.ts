/** The plot as a PNG that explains itself: where the numbers come from, then the plot, then the trials. */
import { scaledFont } from "./draw.ts";
import { formatBpb } from "./format.ts";
import { byValidation } from "./legend.ts";
import { traceMarker } from "./markers.ts";
import { type ChartModel, isActive, type Series } from "./model.ts";
import { seriesStyle, type Theme } from "./theme.ts";

export interface PngOptions {
  readonly model: ChartModel;
  readonly theme: Theme;
  readonly header: readonly string[];
  /** What lines and markers mean. */
  readonly keys: string;
  readonly scale: number;
}

const lineHeight = 20;
/** Room of the line before a label, and of the gap after it. */
const swatchWidth = 34;
const columnGap = 20;
const mostEntries = 24;

/** @returns the file in base64 */
export function toPng(plot: HTMLCanvasElement, { model, theme, header, keys, scale }: PngOptions): string {
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (ctx === null) throw new Error("no 2D canvas");
  const font = scaledFont(theme.font, scale);
  ctx.font = font;
  const entries = byValidation(model)
    .slice(0, mostEntries)
    .map((series) => ({ series, text: entryText(series) }));
  const widest = Math.max(0, ...entries.map(({ text }) => ctx.measureText(text).width));
  const columnWidth = widest / scale + swatchWidth + columnGap;
  const columns = Math.max(1, Math.floor((plot.width / scale - 12) / columnWidth));
  const top = (header.length + 0.5) * lineHeight * scale;
  const rows = Math.ceil(entries.length / columns) + 1.5;
  canvas.width = plot.width;
  canvas.height = Math.ceil(top + plot.height + rows * lineHeight * scale);
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(plot, 0, top);
  // A canvas that is resized forgets its font.
  ctx.font = font;
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.foreground;
  const middle = (row: number) => (row + 0.75) * lineHeight * scale;
  for (const [row, text] of header.entries()) ctx.fillText(text, 12 * scale, middle(row));
  ctx.fillText(keys, 12 * scale, top + plot.height + middle(0));
  for (const [index, { series, text }] of entries.entries()) {
    const left = (12 + (index % columns) * columnWidth) * scale;
    const y = top + plot.height + middle(1 + Math.floor(index / columns));
    drawSwatch(ctx, series, left, y, theme, scale);
    ctx.fillStyle = theme.foreground;
    ctx.fillText(text, left + swatchWidth * scale, y);
  }
  return canvas.toDataURL("image/png").replace(/^data:image\/png;base64,/, "");
}

function entryText({ facts, line }: Series): string {
  return `${facts.label}  — ${formatBpb(line?.lastBpb ?? null)}  ● ${formatBpb(facts.results.at(-1)?.valBpb ?? null)}`;
}

function drawSwatch(
  ctx: CanvasRenderingContext2D,
  { facts, slot }: Series,
  left: number,
  y: number,
  theme: Theme,
  scale: number,
): void {
  const { color, dash, marker } = seriesStyle(slot, theme);
  ctx.strokeStyle = ctx.fillStyle = isActive(facts.status) ? color : theme.inactive;
  ctx.lineWidth = 2 * scale;
  ctx.setLineDash(dash.map((length) => length * scale));
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + 26 * scale, y);
  ctx.stroke();
  traceMarker(ctx, marker, left + 13 * scale, y, 4 * scale);
  ctx.fill();
}
