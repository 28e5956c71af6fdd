/** Numbers and names as a reader wants them. Nothing here rounds a value that decides something. */
import type { Point } from "../../protocol/events.ts";

/** Four decimals: differences between good configurations are in the third. */
export function formatBpb(valBpb: number | null): string {
  return valBpb === null ? "-" : valBpb.toFixed(4);
}

/** `950`, `12.4k`, `3.1M`. */
export function formatCount(value: number): string {
  if (value < 1000) return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
  const [scaled, unit] =
    value < 999_950 ? [value / 1e3, "k"] : value < 999_950_000 ? [value / 1e6, "M"] : [value / 1e9, "G"];
  return `${scaled.toFixed(1)}${unit}`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const scaled = bytes / 1024 ** power;
  return `${power === 0 ? scaled : scaled.toFixed(scaled < 10 ? 1 : 0)} ${units[power]}`;
}

/** `0:42`, `12:05`, `3:07:00`. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}

/** A number from a config, short: `0.0031`, `1e-8`; whole numbers are exact. */
export function formatSetting(value: number | string | boolean): string {
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(3))) : String(value);
}

/** A sampled point: `lr 0.0031, relu2, softcap(cap 30)`. Keys lose their section; levers that are off are left out. */
export function formatPoint(point: Point): string {
  return Object.entries(point)
    .flatMap(([path, value]) => {
      const key = path.slice(path.lastIndexOf(".") + 1);
      const isLever = path.startsWith("levers.");
      if (typeof value === "object") return [key + formatSettings(value)];
      if (isLever && typeof value === "boolean") return value ? [key] : [];
      return [`${key} ${formatSetting(value)}`];
    })
    .join(", ");
}

function formatSettings(settings: Readonly<Record<string, number | string | boolean>>): string {
  const entries = Object.entries(settings).map(([key, value]) => `${key} ${formatSetting(value)}`);
  return entries.length === 0 ? "" : `(${entries.join(", ")})`;
}

/** Generated text for a terminal: line breaks and tabs stay, other control characters become visible dots. */
export function printableText(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "\u00b7");
}

/** Text of a foreign file inside of a line: no control character, line breaks included, reaches the terminal. */
export function singleLine(text: string): string {
  return text.replace(/\p{Cc}/gu, "\u00b7");
}
