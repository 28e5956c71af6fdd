/** Numbers as the chart writes them. */
import type { TrialStatus } from "../../../daemon/protocol/events.ts";
import type { XAxis } from "./messages.ts";
import type { ChartStrings } from "./strings.ts";

/** Training loss per byte, nats to bits: the unit of every number in the chart. */
export function bitsPerByte(lossNats: number): number {
  return lossNats / Math.LN2;
}

/** Three decimals, as in every list of Igla; a dash where there is no finite number. */
export function formatBpb(bpb: number | null): string {
  return bpb !== null && Number.isFinite(bpb) ? bpb.toFixed(3) : "–";
}

const units = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** 1500 as `1.5k`; below 10,000 steps stay whole numbers. */
export function formatCount(value: number): string {
  if (Math.abs(value) < 10_000) return String(Number(value.toPrecision(6)));
  for (const [size, letter] of units) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(4))}${letter}`;
  }
  return String(value);
}

/** Seconds as `850 ms`, `42 s`, `3:05`, `2:03:05`, `3d 02:03`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days}d ${two(hours)}:${two(minutes)}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function formatX(axis: XAxis, value: number): string {
  return axis === "time" ? formatDuration(value) : formatCount(value);
}

/** The target that was typed: null for an empty field, NaN for a text that is no positive number. */
export function parseTarget(text: string): number | null {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return null;
  const value = Number(trimmed);
  return Number.isFinite(value) && value > 0 ? value : Number.NaN;
}

export function statusText(status: TrialStatus, strings: ChartStrings): string {
  const texts: Record<TrialStatus, string> = {
    waiting: strings.statusWaiting,
    running: strings.statusRunning,
    paused: strings.statusPaused,
    held: strings.statusHeld,
    completed: strings.statusCompleted,
    killed: strings.statusKilled,
    failed: strings.statusFailed,
    diverged: strings.statusDiverged,
    stopped: strings.statusStopped,
  };
  return texts[status];
}
