/** A folder of this process outside of the workspace: copies of the sources, and all that the prover makes of them. */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export class BuildFolder {
  readonly path: string;
  #count = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** Removes what processes left behind that are gone. */
  static async create(cacheFolder: string): Promise<BuildFolder> {
    const parent = join(cacheFolder, "build");
    await mkdir(parent, { recursive: true, mode: 0o700 });
    for (const name of await readdir(parent)) {
      const pid = Number(/^(\d+)-/.exec(name)?.[1] ?? 0);
      if (!isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
    }
    const unique = `${process.pid}-${Date.now().toString(36)}-${Math.trunc(performance.now() * 1000).toString(36)}`;
    const path = join(parent, unique);
    await mkdir(path, { mode: 0o700 });
    return new BuildFolder(path);
  }

  /** A fresh place for one project's mirror. */
  async place(): Promise<string> {
    this.#count += 1;
    const path = join(this.path, String(this.#count));
    await mkdir(path);
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

export async function copySource(place: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(place, path)), { recursive: true });
  await writeFile(join(place, path), bytes);
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
