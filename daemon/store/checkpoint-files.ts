/** The checkpoint folder: verifying, sweeping and deleting the files that trainers write. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Checkpoint } from "../protocol/events.ts";
import { withStoreErrors } from "./failure.ts";

export type CheckpointHealth = "good" | "missing" | "corrupt";

export class CheckpointFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(checkpoint: Checkpoint): string {
    return join(this.folder, checkpoint.file);
  }

  /** Compares a file with the hash that was recorded when it was written. */
  async verify(checkpoint: Checkpoint): Promise<CheckpointHealth> {
    const hash = createHash("sha256");
    try {
      await pipeline(createReadStream(this.path(checkpoint)), hash);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ENOENT" ? "missing" : "corrupt";
    }
    return hash.digest("hex") === checkpoint.sha256 ? "good" : "corrupt";
  }

  /** Deletes files; one that is already gone is fine. */
  async remove(files: readonly string[]): Promise<void> {
    await withStoreErrors(this.folder, async () => {
      for (const file of files) await rm(join(this.folder, file), { force: true });
    });
  }

  /** Creates the folder and deletes every file in it that is not in `known`: leftovers of interrupted writes. */
  async sweep(known: ReadonlySet<string>): Promise<readonly string[]> {
    return withStoreErrors(this.folder, async () => {
      await mkdir(this.folder, { recursive: true });
      const entries = await readdir(this.folder, { withFileTypes: true });
      const leftovers = entries.filter((entry) => entry.isFile() && !known.has(entry.name)).map(({ name }) => name);
      await this.remove(leftovers);
      return leftovers;
    });
  }
}
