/** Waits until a daemon that was told to leave has left, and ends one that does not understand us. */
import { setTimeout as delay } from "node:timers/promises";
import { IglaError } from "../../daemon/protocol/errors.ts";
import { protocolVersion } from "../../daemon/protocol/version.ts";
import { readDaemonFile } from "../../daemon/rpc/daemon-file.ts";
import { openSocket } from "../../daemon/rpc/socket.ts";

const pollMs = 100;

/** @throws {IglaError} `daemon.already-running` when it stays */
export async function stopDaemonProcess(workspace: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let isTold = false;
  while (Date.now() < deadline) {
    const file = await readDaemonFile(workspace);
    if (file === null) return;
    const answer = await answerOf(file);
    if (answer === "none") return;
    // It answered as a daemon does, so the process id in its file is its own; it only speaks another version.
    if (answer === "other-version" && !isTold) process.kill(file.pid, "SIGTERM");
    isTold = true;
    await delay(pollMs);
  }
  throw new IglaError("daemon.already-running", "It was told to stop and did not.");
}

async function answerOf(file: Parameters<typeof openSocket>[0]): Promise<"ours" | "other-version" | "none"> {
  try {
    const socket = await openSocket({ ...file, protocol: protocolVersion });
    socket.connection.dispose();
    socket.close();
    return "ours";
  } catch (error) {
    if (!(error instanceof IglaError)) throw error;
    return error.code === "protocol.version-mismatch" ? "other-version" : "none";
  }
}
