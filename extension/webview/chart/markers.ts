/** Shapes of the markers; in high contrast they tell curves apart. */
import type { Marker } from "./theme.ts";

/** Corners around the centre, for a size of one. */
const corners: Readonly<Record<Exclude<Marker, "circle">, string>> = {
  square: "-.9 -.9 .9 -.9 .9 .9 -.9 .9",
  triangle: "0 -1.2 1.1 .8 -1.1 .8",
  diamond: "0 -1.3 1.1 0 0 1.3 -1.1 0",
  cross: "-.4 -1.2 .4 -1.2 .4 -.4 1.2 -.4 1.2 .4 .4 .4 .4 1.2 -.4 1.2 -.4 .4 -1.2 .4 -1.2 -.4 -.4 -.4",
};

function cornersOf(marker: Exclude<Marker, "circle">): number[] {
  return corners[marker].split(" ").map(Number);
}

export function traceMarker(ctx: CanvasRenderingContext2D, marker: Marker, x: number, y: number, size: number): void {
  ctx.beginPath();
  if (marker === "circle") {
    ctx.arc(x, y, size, 0, 2 * Math.PI);
    return;
  }
  const places = cornersOf(marker);
  for (let i = 0; i < places.length; i += 2) ctx.lineTo(x + (places[i] ?? 0) * size, y + (places[i + 1] ?? 0) * size);
  ctx.closePath();
}

/** The same shape for an SVG polygon; null for the circle. */
export function svgPoints(marker: Marker, x: number, y: number, size: number): string | null {
  if (marker === "circle") return null;
  return cornersOf(marker)
    .map((place, index) => place * size + (index % 2 === 0 ? x : y))
    .join(" ");
}
