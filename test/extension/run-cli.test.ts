/** What the editor makes of the command line's answers: documents, verdicts that are no, failures, half a document. */
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { runCli } from "../../extension/features/run-cli.ts";

/** Stands in for `igla`: prints and ends before the command line is loaded. */
function answering(stdout: string, code: number, stderr = ""): Promise<unknown> {
  const script = `process.stdout.write(${JSON.stringify(stdout)});process.stderr.write(${JSON.stringify(stderr)});process.exit(${code})`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
  return runCli(["x"], tmpdir(), { execPath: process.execPath, env }, new AbortController().signal);
}

test("a document is an answer, also where what was asked does not hold", async () => {
  expect(await answering('{"ok":true}', 0)).toEqual({ ok: true });
  expect(await answering('{"ok":false,"rows":[]}', 1)).toEqual({ ok: false, rows: [] });
});

test("a failure says what the command line said, as a document or as text", async () => {
  await expect(answering('{"errors":[{"message":"No corpus."}]}', 1)).rejects.toThrow("No corpus.");
  await expect(answering("", 1, "Cannot find module\n")).rejects.toThrow("Cannot find module");
});

test("half a document and a document of another exit code are no answers", async () => {
  await expect(answering('{"ok":tr', 1, "killed\n")).rejects.toThrow("killed");
  await expect(answering('{"ok":tr', 0)).rejects.toThrow('{"ok":tr');
  await expect(answering('{"ok":false}', 5)).rejects.toThrow("Command failed");
});

test("a run that is stopped is no answer", async () => {
  const abort = new AbortController();
  abort.abort();
  const spawn = { execPath: process.execPath, env: {} };
  await expect(runCli(["x"], tmpdir(), spawn, abort.signal)).rejects.toThrow("abort");
});
