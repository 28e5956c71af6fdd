/** What the editor sees of files and folders that are broken, gone, moved or left out, through the built server over stdio. */
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver";
import { ProofFolder } from "../prover/coq.ts";
import { ServerUnderTest } from "./server.ts";

let work: ProofFolder;
let server: ServerUnderTest;
afterEach(async () => {
  expect(await server.close()).toBe(0);
  server.connection.dispose();
  work.remove();
});

async function start(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  work = new ProofFolder(files);
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(work.folder, path)), { recursive: true });
    symlinkSync(target, join(work.folder, path));
  }
  server = new ServerUnderTest({ XDG_CACHE_HOME: work.cache });
  await server.initialize([work.folder], { trusted: false, enabled: true, proverPath: "" });
}

const uriOf = (path: string) => pathToFileURL(join(work.folder, path)).href;
const codes = (found: readonly Diagnostic[]) => found.map(({ code }) => code);
const tell = (...changes: readonly (readonly [path: string, type: number])[]) =>
  server.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: changes.map(([path, type]) => ({ uri: uriOf(path), type })),
  });

const claims = (...entries: readonly object[]) =>
  JSON.stringify({ invariants: entries.map((more, at) => ({ id: `INV-${at + 1}`, coq_theorem: "good", ...more })) });
const proof = "Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed.\n";

describe("an assertion file that nobody can read", () => {
  test("is an error of that file, as long as it is so", async () => {
    await start({ "igla_assertions.json": "", "a.v": proof });
    const uri = uriOf("igla_assertions.json");
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("json-syntax"));
    work.write("igla_assertions.json", "[]");
    await tell(["igla_assertions.json", 2]);
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("no-invariants"));
    work.write("igla_assertions.json", claims({ coq_file: "a.v", status: "wip" }));
    await tell(["igla_assertions.json", 2]);
    await server.diagnosticsUntil(uri, (found) => found.length === 0);
  });

  test.skipIf(process.platform === "win32")("a link is told of, and what takes its place is read", async () => {
    await start({ "elsewhere.txt": claims({}) }, { "igla_assertions.json": "elsewhere.txt" });
    const uri = uriOf("igla_assertions.json");
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("assertions-not-read"));
    rmSync(join(work.folder, "igla_assertions.json"));
    work.write("igla_assertions.json", claims({ coq_file: "a.v", status: "wip" }));
    await tell(["igla_assertions.json", 2]);
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("planned-file"));
    rmSync(join(work.folder, "igla_assertions.json"));
    symlinkSync("elsewhere.txt", join(work.folder, "igla_assertions.json"));
    await tell(["igla_assertions.json", 2]);
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("assertions-not-read"));
  });
});

test("a proof in a folder of tools is there and not read; nothing is said of its claim but that", async () => {
  await start({ "igla_assertions.json": claims({ coq_file: "dist/a.v", status: "Proven" }), "dist/a.v": proof });
  const found = await server.diagnosticsUntil(uriOf("igla_assertions.json"), (all) => all.length > 0);
  expect(found).toMatchObject([{ code: "proof-not-read", severity: DiagnosticSeverity.Warning }]);
  expect(found[0]?.message).toBe(
    "INV-1 cites dist/a.v, which lies in dist, where Igla does not look. Nothing is known of its theorem.",
  );
});
