/** When Coq is asked, when it is not, and that nothing of it is left behind. */
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { CancellationTokenSource } from "vscode-jsonrpc";
import {
  type CheckProofsResult,
  checkProofsRequest,
  proverSettingsChanged,
  type ReportResult,
  reportRequest,
} from "../../daemon/protocol/invariant-requests.ts";
import { needsCoq, type ProofFolder, processesBelow, prover } from "../prover/coq.ts";
import {
  arith,
  checked,
  claims,
  codes,
  files,
  finish,
  hoverText,
  jsonPath,
  loop,
  open,
  positionOf,
  server,
  start,
  uriOf,
  work,
} from "./proof-session.ts";

afterEach(finish);

describe("a folder that is not trusted", () => {
  test("is read, never run: hollow glyphs, the reason and the way out, bad news all the same", async () => {
    await start(files, { trusted: false });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("unchecked"));
    const good = await hoverText(uri, positionOf(claims, "INV-1"));
    expect(good).toContain("○ **Not checked by Coq** · `good`");
    expect(good).toContain("the folder is not trusted");
    expect(good).not.toMatch(/[✔◑▲]/);
    const gap = await hoverText(uri, positionOf(claims, "gap"));
    expect(gap).toContain("○ **Admitted by its text, not checked by Coq** · `gap`");
    const answer = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {});
    expect(answer).toMatchObject({ checked: 0, refusal: expect.stringContaining("trust") });
    expect(await work.snapshot()).toEqual(new ProofFolderCopy(files).of(work));
  });
});

/** What a folder must look like when nothing was written into it. */
class ProofFolderCopy {
  readonly #files: Readonly<Record<string, string>>;
  constructor(given: Readonly<Record<string, string>>) {
    this.#files = given;
  }
  of({ folder }: ProofFolder): Record<string, string> {
    const encoded = Object.entries(this.#files).map(([path, text]): [string, string] => [
      join(folder, path),
      Buffer.from(text).toString("base64"),
    ]);
    return Object.fromEntries(encoded.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

describe.skipIf(prover === null)(needsCoq("with Coq"), () => {
  test("a project file that weakens Coq's checks, and a file that comes between, are noticed", async () => {
    const circle = "Unset Universe Checking.\nTheorem good : forall n : nat, n + 0 = n. Proof. auto. Qed.\n";
    await start({
      ...files,
      "proofs/Arith.v": `Require Import List Base.\n${arith}`,
      "proofs/Base.v": "Definition x := 1.\n",
    });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, checked);
    const write = async (path: string, text: string) => {
      work.write(path, text);
      const changes = [{ uri: uriOf(path), type: 1 }];
      await server.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
    };
    const first = () => hoverText(uri, positionOf(claims, "INV-1"));
    expect(await first()).toMatch(/^✔/);
    await write("proofs/Base.v", "Definition x : nat := true.\n");
    await expect.poll(first, { timeout: 20_000 }).toMatch(/^✘ \*\*Broken/);
    await write("proofs/Base.v", circle);
    await expect.poll(first, { timeout: 20_000 }).toMatch(/^✔/);
    await write("proofs/_CoqProject", "-arg -type-in-type\n");
    const v = await open("proofs/Arith.v");
    await server.diagnosticsUntil(v, (found) => codes(found).includes("weakened-checks"));
  });

  test("nothing is asked while checks are off; asking once is possible; trust begins them", async () => {
    await start(files, { enabled: false });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("unchecked"));
    expect(await hoverText(uri, positionOf(claims, "INV-1"))).toContain("checks are switched off");
    const answer = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {
      path: join(work.folder, jsonPath),
    });
    expect(answer).toEqual({ checked: 1, refusal: null });
    expect(await hoverText(uri, positionOf(claims, "INV-1"))).toMatch(/^✔/);
    await server.connection.sendNotification(proverSettingsChanged, { trusted: false, enabled: true, proverPath: "" });
    const refused = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {});
    expect(refused.refusal).toContain("trust");
  });

  test("a check can be cancelled, and one of nothing says so", async () => {
    await start({ "igla_assertions.json": claims, "Loop.v": loop, "package.json": "{}" });
    await open("igla_assertions.json");
    const about = (path: string) => ({ path: join(work.folder, path) });
    const nothing = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, about("package.json"));
    expect(nothing).toEqual({ checked: 0, refusal: "package.json is no proof and cites none that exists." });
    const cancel = new CancellationTokenSource();
    const started = performance.now();
    const check = server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, about("Loop.v"), cancel.token);
    await expect.poll(() => processesBelow(work.root).length, { timeout: 10_000 }).toBeGreaterThan(0);
    cancel.cancel();
    expect((await check).checked).toBe(0);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test("a loop is stopped with the server, and the report says what runs", async () => {
    await start({
      "igla_assertions.json": claims.replaceAll("proofs/Arith.v", "Loop.v"),
      "Loop.v": loop,
    });
    await open("igla_assertions.json");
    const running = async () => {
      const { folders } = await server.connection.sendRequest<ReportResult>(reportRequest);
      return folders[0]?.checking;
    };
    await expect.poll(running, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => processesBelow(work.root).length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await hoverText(uriOf("igla_assertions.json"), positionOf(claims, "INV-1"))).toContain("Coq is");
  });
});

test("without Coq everything is read, and the way to get it is told", async () => {
  await start(files, {}, { PATH: "/nothing" });
  const uri = await open(jsonPath);
  await server.diagnosticsUntil(uri, (found) => codes(found).includes("unchecked"));
  const hover = await hoverText(uri, positionOf(claims, "INV-1"));
  expect(hover).toContain("○ **Not checked by Coq**");
  expect(hover).toContain("no Coq was found. Install Coq");
  expect(hover).not.toContain("Check again");
  const answer = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {});
  expect(answer).toMatchObject({ checked: 0, refusal: expect.stringContaining("Install Coq") });
});

test.skipIf(prover === null || process.platform !== "linux")(
  needsCoq("a server that is killed takes its provers along"),
  async () => {
    await start({ "igla_assertions.json": claims.replaceAll("proofs/Arith.v", "Loop.v"), "Loop.v": loop });
    await expect.poll(() => processesBelow(work.root).length, { timeout: 10_000 }).toBeGreaterThan(0);
    server.child.kill("SIGKILL");
    await expect.poll(() => processesBelow(work.root), { timeout: 10_000 }).toEqual([]);
  },
);
