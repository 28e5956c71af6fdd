/** Numbers and configuration points as the views show them. Nothing here rounds a value that decides something. */
import type { Point } from "../../daemon/protocol/events.ts";

export function formatBpb(valBpb: number): string {
  return valBpb.toFixed(3);
}

/** `950`, `41k`, `1.2M`. */
export function formatCount(value: number): string {
  if (value < 999.5) return value.toFixed(0);
  const [scaled, unit] =
    value < 999_500 ? [value / 1e3, "k"] : value < 999_500_000 ? [value / 1e6, "M"] : [value / 1e9, "G"];
  return `${scaled < 9.95 ? scaled.toFixed(1).replace(/\.0$/, "") : scaled.toFixed(0)}${unit}`;
}

function formatValue(value: number | string | boolean): string {
  return typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value);
}

/** A sampled point: `lr 0.0031, relu2, softcap(cap 30)`. Keys lose their section; levers that are off are left out. */
export function formatPoint(point: Point): string {
  return Object.entries(point)
    .flatMap(([path, value]) => {
      const key = path.slice(path.lastIndexOf(".") + 1);
      if (typeof value === "object") {
        const settings = Object.entries(value).map(([name, setting]) => `${name} ${formatValue(setting)}`);
        return [settings.length === 0 ? key : `${key}(${settings.join(", ")})`];
      }
      if (path.startsWith("levers.") && typeof value === "boolean") return value ? [key] : [];
      return [`${key} ${formatValue(value)}`];
    })
    .join(", ");
}

/** `tinyshakespeare 86c4e6aa9db7 ascii`: what every number is measured on. A stand-in says that it is one. */
export function corpusLabel({ name, sha256, tag, origin }: CorpusLike): string {
  return `${name} ${sha256.slice(0, 12)} ${tag}${origin === "offline stand-in" ? " (offline stand-in)" : ""}`;
}

interface CorpusLike {
  readonly name: string;
  readonly sha256: string;
  readonly tag: string;
  readonly origin: string;
}
