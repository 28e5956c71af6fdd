/** Code versions that exist: from a list, or from the git repository in which a file lies. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const mostBytes = 256 * 1024 * 1024;
const patienceMs = 30_000;

/** Hashes of all commits of the repository around `folder`; none where there is no repository, or no git. */
export async function commitsAround(folder: string): Promise<string[]> {
  try {
    const args = ["-C", folder, "rev-list", "--all"];
    const { stdout } = await run("git", args, { maxBuffer: mostBytes, timeout: patienceMs });
    return stdout.split("\n").filter(Boolean);
  } catch {
    // No version is known then, which closes the gate and is said.
    return [];
  }
}
