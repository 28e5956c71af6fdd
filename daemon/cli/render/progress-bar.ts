/** A progress bar as text. */
const FULL = "█";
const EMPTY = "░";

/** `fraction` outside 0..1 is clamped. A bar is full only when the work is done. */
export function progressBar(fraction: number, width: number): string {
  const clamped = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  const full = clamped === 1 ? width : Math.min(width - 1, Math.floor(clamped * width));
  return width < 1 ? "" : FULL.repeat(full) + EMPTY.repeat(width - full);
}

/** Whole percent, rounded down: 100 % means done. */
export function percent(fraction: number): string {
  const clamped = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  return `${Math.floor(clamped * 100)}%`.padStart(4);
}
