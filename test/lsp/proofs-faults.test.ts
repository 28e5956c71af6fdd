/** What the editor sees of files and folders that are broken, gone, moved or left out, through the built server over stdio. */
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver";
import { type ReportResult, reportRequest } from "../../daemon/protocol/invariant-requests.ts";
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
const created = 1;
const deleted = 3;
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
  rmSync(join(work.folder, "dist"), { recursive: true });
  await tell(["dist", deleted]);
  await server.diagnosticsUntil(uriOf("igla_assertions.json"), (all) => codes(all).includes("cites-missing-file"));
});

describe("folders come and go; the editor tells of the folder alone", () => {
  const bad = claims({ coq_file: "proofs/a.v", status: "Proven" }).replace("good", "absent");
  const isWrong = (found: readonly Diagnostic[]) => codes(found).includes("cites-missing-theorem");
  const isGone = (found: readonly Diagnostic[]) => codes(found).includes("cites-missing-file");
  const paths = async () => {
    const [folder] = (await server.connection.sendRequest<ReportResult>(reportRequest)).folders;
    return [folder?.assertionFiles ?? [], folder?.proofFiles ?? []].map((files) => files.map(({ path }) => path));
  };

  test("a folder that is deleted takes its marks along", async () => {
    await start({ "pkg/deep/igla_assertions.json": bad, "pkg/deep/proofs/a.v": proof, "b.v": proof });
    const uri = uriOf("pkg/deep/igla_assertions.json");
    await server.diagnosticsUntil(uri, isWrong);
    rmSync(join(work.folder, "pkg"), { recursive: true });
    await tell(["pkg", deleted]);
    await server.diagnosticsUntil(uri, (found) => found.length === 0);
    expect(await paths()).toEqual([[], ["b.v"]]);
  });

  test("a renamed folder moves its marks, whatever its name looks like", async () => {
    await start({ "pkg.v/igla_assertions.json": bad, "pkg.v/proofs/a.v": proof });
    await server.diagnosticsUntil(uriOf("pkg.v/igla_assertions.json"), isWrong);
    renameSync(join(work.folder, "pkg.v"), join(work.folder, "new.json"));
    await tell(["pkg.v", deleted], ["new.json", created]);
    await server.diagnosticsUntil(uriOf("new.json/igla_assertions.json"), isWrong);
    await server.diagnosticsUntil(uriOf("pkg.v/igla_assertions.json"), (found) => found.length === 0);
    expect(await paths()).toEqual([["new.json/igla_assertions.json"], ["new.json/proofs/a.v"]]);
  });

  test("a claim notices that the folder of its proof went, and that it came back", async () => {
    await start({ "igla_assertions.json": bad, "proofs/a.v": proof });
    const uri = uriOf("igla_assertions.json");
    await server.diagnosticsUntil(uri, isWrong);
    renameSync(join(work.folder, "proofs"), join(work.folder, "node_modules"));
    await tell(["proofs", deleted], ["node_modules", created]);
    await server.diagnosticsUntil(uri, isGone);
    expect(await paths()).toEqual([["igla_assertions.json"], []]);
    renameSync(join(work.folder, "node_modules"), join(work.folder, "proofs"));
    await tell(["node_modules", deleted], ["proofs", created]);
    await server.diagnosticsUntil(uri, isWrong);
  });

  test("what is there counts, not what was told", async () => {
    await start({ "pkg/igla_assertions.json": bad, "pkg/proofs/a.v": proof });
    await server.diagnosticsUntil(uriOf("pkg/igla_assertions.json"), isWrong);
    work.write("pkg/proofs/b.v", proof);
    await tell(["pkg", deleted], ["nowhere", created], ["pkg/nothing", deleted]);
    await expect.poll(paths).toEqual([["pkg/igla_assertions.json"], ["pkg/proofs/a.v", "pkg/proofs/b.v"]]);
  });

  test("the editor is asked for folders, too", async () => {
    work = new ProofFolder({});
    server = new ServerUnderTest({ XDG_CACHE_HOME: work.cache });
    const asked = new Promise<unknown>((resolve) => {
      server.connection.onRequest("client/registerCapability", (params) => resolve(params));
    });
    await server.connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
      workspaceFolders: [{ uri: pathToFileURL(work.folder).href, name: "work" }],
    });
    await server.connection.sendNotification("initialized", {});
    const createAndDelete = 5;
    expect(await asked).toMatchObject({
      registrations: [
        {
          method: "workspace/didChangeWatchedFiles",
          registerOptions: { watchers: expect.arrayContaining([{ globPattern: "**/*", kind: createAndDelete }]) },
        },
      ],
    });
  });
});
