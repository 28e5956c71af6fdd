import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workspace } from "./igla.ts";

let workspace: Workspace;
const row = {
  ts: "2026-01-01T00:00:00Z",
  agent: "test",
  seed: 43,
  bpb: 2.3,
  step: 5000,
  sha: "abcdef0",
  corpus: "demo 86c4e6aa9db7",
  protocol: "chunked",
  gate_status: "above_target",
  prereg: null,
  note: "kept",
};
beforeAll(() => {
  workspace = new Workspace();
  workspace.write("row.json", JSON.stringify(row));
  workspace.write("old.jsonl", '{"_schema":1}\n{"seed":1,"bpb":2,"steps":10}\n');
});
afterAll(() => workspace.close());

describe("igla ledger", () => {
  it("appends behind an older file, and verifies", async () => {
    for (let n = 0; n < 2; n++) expect((await workspace.run("ledger", "append", "old.jsonl", "row.json")).code).toBe(0);
    const { code, document } = await workspace.json("ledger", "verify", "old.jsonl");
    expect(code).toBe(0);
    expect(document).toMatchObject({ rows: 3, chained: 2, sound: true, findings: [] });
    expect(readFileSync(join(workspace.folder, "old.jsonl"), "utf8")).toContain('"note":"kept"');
    const { out } = await workspace.run("ledger", "verify", "old.jsonl");
    expect(out).toContain("3 rows, 2 chained, 1 from before the chain: sound");
  });

  it("names the line that was edited, exits with 1, and does not go on from there", async () => {
    const text = readFileSync(join(workspace.folder, "old.jsonl"), "utf8");
    workspace.write("edited.jsonl", text.replace("2.3", "1.3"));
    const { code, out } = await workspace.run("ledger", "verify", "edited.jsonl");
    expect(code).toBe(1);
    expect(out).toContain("edited.jsonl:3 [edited]");
    const append = await workspace.json("ledger", "append", "edited.jsonl", "row.json");
    expect(append.code).toBe(1);
    expect(append.document.errors[0]).toMatchObject({ code: "ledger.not-sound" });
    expect(append.document.errors[0].message).toContain(":3:");
  });

  it("moves a torn line aside on request", async () => {
    const text = readFileSync(join(workspace.folder, "old.jsonl"), "utf8");
    workspace.write("torn.jsonl", `${text}{"half`);
    expect((await workspace.run("ledger", "verify", "torn.jsonl")).code).toBe(1);
    const { document } = await workspace.json("ledger", "recover", "torn.jsonl");
    expect(document.torn).toMatch(/torn\.jsonl\.torn-1$/);
    expect((await workspace.run("ledger", "verify", "torn.jsonl")).code).toBe(0);
  });

  it.each([
    [["verify", "nothing.jsonl"], "ledger.unreadable"],
    [["append", "new.jsonl", "nothing.json"], "ledger.no-row"],
    [["append", "new.jsonl", "old.jsonl"], "ledger.bad-row"],
    [["recover", "nothing.jsonl"], "ledger.unreadable"],
  ])("%s is refused with 2, cause and way out", async (args, expected) => {
    const { code, document } = await workspace.json("ledger", ...args);
    expect(code).toBe(2);
    expect(document.errors[0]).toMatchObject({ code: expected, wayOut: expect.stringMatching(/\S/) });
  });
});
