/** The plot as a PNG that explains itself: where the numbers come from, then the plot, then the trials. */
import { scaledFont } from "./draw.ts";
import { formatBpb } from "./format.ts";
import { byValidation } from "./legend.ts";
import { traceMarker } from "./markers.ts";
import { type ChartModel, isActive } from "./model.ts";
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
const columnWidth = 240;
const mostEntries = 24;

/** @returns the file in base64 */
export function toPng(plot: HTMLCanvasElement, { model, theme, header, keys, scale }: PngOptions): string {
  const entries = byValidation(model).slice(0, mostEntries);
  const columns = Math.max(1, Math.floor(plot.width / scale / columnWidth));
  const top = (header.length + 0.5) * lineHeight * scale;
  const rows = Math.ceil(entries.length / columns) + 1.5;
  const canvas = document.createElement("canvas");
  canvas.width = plot.width;
  canvas.height = Math.ceil(top + plot.height + rows * lineHeight * scale);
  const ctx = canvas.getContext("2d");
  if (ctx === null) throw new Error("no 2D canvas");
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(plot, 0, top);
  ctx.font = scaledFont(theme.font, scale);
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.foreground;
  const middle = (row: number) => (row + 0.75) * lineHeight * scale;
  for (const [row, text] of header.entries()) ctx.fillText(text, 12 * scale, middle(row));
  ctx.fillText(keys, 12 * scale, top + plot.height + middle(0));
  for (const [index, { facts, line, slot }] of entries.entries()) {
    const left = (12 + (index % columns) * columnWidth) * scale;
    const y = top + plot.height + middle(1 + Math.floor(index / columns));
    const own = seriesStyle(slot, theme);
    ctx.strokeStyle = ctx.fillStyle = isActive(facts.status) ? own.color : theme.inactive;
    ctx.lineWidth = 2 * scale;
    ctx.setLineDash(own.dash.map((length) => length * scale));
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + 26 * scale, y);
    ctx.stroke();
    traceMarker(ctx, own.marker, left + 13 * scale, y, 4 * scale);
    ctx.fill();
    ctx.fillStyle = theme.foreground;
    const numbers = `${formatBpb(line?.lastBpb ?? null)} / ${formatBpb(facts.results.at(-1)?.valBpb ?? null)}`;
    ctx.fillText(`${facts.label}  ${numbers}`, left + 34 * scale, y);
  }
  return canvas.toDataURL("image/png").replace(/^data:image\/png;base64,/, "");
}
