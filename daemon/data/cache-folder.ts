/** Where downloaded corpora and autotune choices are kept for all workspaces of a user. */
import { homedir } from "node:os";
import { join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `<user cache>/igla`, by the platform's convention; XDG_CACHE_HOME wins on every platform. */
export function cacheFolder(env: Environment, platform: NodeJS.Platform, home = homedir()): string {
  return join(userCache(env, platform, home), "igla");
}

export function corpusCacheFolder(env: Environment, platform: NodeJS.Platform, home = homedir()): string {
  return join(cacheFolder(env, platform, home), "corpora");
}

function userCache(env: Environment, platform: NodeJS.Platform, home: string): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === "win32") return env.LOCALAPPDATA || join(home, "AppData", "Local");
  return platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}
