/** Autotune choices kept between processes. They change speed only, so a lost or damaged file costs a moment. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { TuneCache } from "../engine/webgpu/autotune.ts";

export function fileTuneCache(path: string): TuneCache {
  const entries = new Map<string, string>(read(path));
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.set(key, value);
      try {
        mkdirSync(dirname(path), { recursive: true });
        const temporary = `${path}.${process.pid}`;
        writeFileSync(temporary, JSON.stringify([...entries]));
        renameSync(temporary, path);
      } catch {
        // A read-only home: this process keeps its choices, the next one measures again.
      }
    },
  };
}

function read(path: string): [string, string][] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(parsed) ? parsed.filter(isEntry) : [];
  } catch {
    return [];
  }
}

const isEntry = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === "string");
