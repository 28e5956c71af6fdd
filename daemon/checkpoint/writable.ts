/** Finds out before hours of work whether their result can be stored. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ioError } from "./error.ts";

/** Creates the folder if need be. @throws {CheckpointError} `checkpoint.read-only`, `checkpoint.disk-full`, `checkpoint.io` */
export async function assertWritable(folder: string): Promise<void> {
  const probe = join(folder, `probe.${process.pid}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, "igla", { flag: "wx" });
    await rm(probe);
  } catch (error) {
    throw ioError(folder, error);
  }
}
