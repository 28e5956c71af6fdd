/** Who serves a workspace: asked by handshake, because a process id in a file proves nothing. */
import { IglaError } from "../protocol/errors.ts";
import { type DaemonFile, readDaemonFile } from "./daemon-file.ts";
import { openSocket } from "./socket.ts";

/** The daemon that answers with this workspace's token; null when none does. */
export async function probeDaemon(workspace: string): Promise<DaemonFile | null> {
  const file = await readDaemonFile(workspace);
  if (file === null) return null;
  try {
    const socket = await openSocket(file);
    socket.connection.dispose();
    socket.close();
    return file;
  } catch (error) {
    // It answered, only not in our version.
    if (error instanceof IglaError && error.code === "protocol.version-mismatch") return file;
    if (error instanceof IglaError) return null;
    throw error;
  }
}

/** The failure of a second daemon. The first one may still be starting, so it gets a moment to say who it is. */
export async function alreadyRunning(workspace: string, patienceMs = 3000): Promise<IglaError> {
  const deadline = Date.now() + patienceMs;
  let file = await probeDaemon(workspace);
  while (file === null && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    file = await probeDaemon(workspace);
  }
  if (file === null) return new IglaError("daemon.already-running", "It is starting and does not answer yet.");
  return new IglaError("daemon.already-running", `Its process id is ${file.pid}.`, { pid: file.pid });
}
