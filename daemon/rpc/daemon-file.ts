/** `.igla/daemon.json`: where the workspace's daemon listens, and the token that opens it. */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { IglaError } from "../protocol/errors.ts";

export const stateFolder = ".igla";

const daemonFileSchema = z.object({
  pid: z.number().int().positive(),
  port: z.number().int().min(1).max(65535),
  token: z.string().regex(/^[0-9a-f]{64}$/),
  protocol: z.object({ major: z.number().int(), minor: z.number().int() }),
  version: z.string(),
  startedAt: z.number().int(),
});

export type DaemonFile = z.infer<typeof daemonFileSchema>;

export function daemonFilePath(workspace: string): string {
  return join(workspace, stateFolder, "daemon.json");
}

/** 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString("hex");
}

/** Readable by this user only; a reader sees the old file or the new one, never half of one. */
export async function writeDaemonFile(workspace: string, content: DaemonFile): Promise<void> {
  const path = daemonFilePath(workspace);
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Null when there is none. @throws {IglaError} `connection.refused` when it cannot be read. */
export async function readDaemonFile(workspace: string): Promise<DaemonFile | null> {
  const path = daemonFilePath(workspace);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw new IglaError("connection.refused", `${path}: ${(error as Error).message}`, null, { cause: error });
  }
  const parsed = daemonFileSchema.safeParse(jsonOrNull(text));
  if (!parsed.success) throw new IglaError("connection.refused", `${path} is not a daemon's file.`);
  return parsed.data;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export async function removeDaemonFile(workspace: string): Promise<void> {
  await rm(daemonFilePath(workspace), { force: true });
}
