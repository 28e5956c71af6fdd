/** Finds what .ci/workbench.sh installed: code-server with a Node of its own, and Chromium. */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface Installation {
  readonly node: string;
  /** code-server's entry point. */
  readonly server: string;
  readonly chromium: string;
}

/** The installation, or why there is none. */
export function findInstallation(): Installation | string {
  const place = process.env.IGLA_WORKBENCH ?? cachedPlace();
  if (place === null || !existsSync(join(place, ".ready"))) {
    return "no workbench is installed; .ci/workbench.sh does it";
  }
  const chromium = [process.env.IGLA_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (chromium === undefined) return "no Chromium is installed; .ci/workbench.sh does it";
  return {
    node: join(place, "node/current/bin/node"),
    server: join(place, "server/node_modules/code-server/out/node/entry.js"),
    chromium,
  };
}

function cachedPlace(): string | null {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "igla-workbench");
  if (!existsSync(cache)) return null;
  const newest = readdirSync(cache)
    .filter((name) => existsSync(join(cache, name, ".ready")))
    .toSorted()
    .at(-1);
  return newest === undefined ? null : join(cache, newest);
}
