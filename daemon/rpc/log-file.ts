/** `.igla/daemon.log`: what the daemon has to say when nobody listens. Bounded: one older file is kept. */
import { appendFileSync, renameSync, statSync } from "node:fs";

const limitBytes = 1_000_000;

export interface LogOptions {
  readonly path: string;
  readonly now: () => number;
  /** Where lines go when the file cannot be written. */
  readonly fallback: (line: string) => void;
}

export function openLog({ path, now, fallback }: LogOptions): (message: string) => void {
  return (message) => {
    const line = `${new Date(now()).toISOString()} ${message}\n`;
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > limitBytes) renameSync(path, `${path}.1`);
      appendFileSync(path, line);
    } catch (error) {
      fallback(`${line.trimEnd()} (log: ${error instanceof Error ? error.message : String(error)})\n`);
    }
  };
}
