/** Older files into a chained ledger: every field, nothing made up, nothing twice, nothing lost by a crash. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultOfSource, planImport, type Source } from "../../../daemon/evidence/ledger/import.ts";
import { readLedger } from "../../../daemon/evidence/ledger/read.ts";
import { chainedLine, type NewRow, noHash } from "../../../daemon/evidence/ledger/row.ts";
import { appendImported, appendRow, loadLedger, recoverLedger } from "../../../daemon/evidence/ledger/write.ts";
import { takeLock } from "../../../daemon/store/lock.ts";

const empty = readLedger(new Uint8Array());
function sourceOf(text: string): Source {
  const bytes = Buffer.from(text);
  return { file: "old.jsonl", sha256: createHash("sha256").update(bytes).digest("hex"), ledger: readLedger(bytes) };
}
const old = [
  '{"_schema":"v1","fields":["seed"]}',
  '{"seed":43,"bpb":2.2,"steps":5000,"note":{"kept":[1]}}',
  '{"event":"started"}',
  '{"seed":44,"bpb":2.1,"step":9000,"sha":"abcdef0","agent":"a","hash":"of its own","prereg":null}',
  "",
].join("\n");

describe("the plan", () => {
  it("keeps every field, says what is missing and what is left out", () => {
    const source = sourceOf(old);
    expect(faultOfSource(source)).toBeNull();
    const { rows, present, skipped, missing } = planImport(source, empty);
    const { sha256 } = source;
    expect(rows).toEqual([
      { seed: 43, bpb: 2.2, steps: 5000, note: { kept: [1] }, imported: { file: "old.jsonl", sha256, line: 2 } },
      {
        ...{ seed: 44, bpb: 2.1, step: 9000, sha: "abcdef0", agent: "a", prereg: null },
        imported: { file: "old.jsonl", sha256, line: 4, fields: { hash: "of its own" } },
      },
    ]);
    expect(present).toBe(0);
    expect(skipped.map(({ line }) => line)).toEqual([3]);
    expect(missing).toEqual({ ts: 2, agent: 1, sha: 1, corpus: 2, protocol: 2, gate_status: 2, prereg: 2 });
  });
  it.each([
    ["a chained ledger", chainedLine({ bpb: 1 } as NewRow, noHash).line, "already-chained"],
    ["text", "hello\n", "unreadable"],
    ["a half line", '{"seed":1,"bpb":2,"step":1}\n{"seed":2,', "unreadable"],
  ])("%s is refused as a whole", (_, text, code) => {
    expect(faultOfSource(sourceOf(text))).toMatchObject({ code });
  });
  it("a last row without a line break is a row", () => {
    const source = sourceOf('{"seed":1,"bpb":2,"step":1}');
    expect([faultOfSource(source), planImport(source, empty).rows.length]).toEqual([null, 1]);
  });
});

describe("into a ledger", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "igla-import-"));
    path = join(folder, "ledger.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const importing = (source: Source) => appendImported(path, (ledger) => planImport(source, ledger).rows, takeLock);
  const fresh: NewRow = {
    ts: "2026-01-01T00:00:00Z",
    agent: "test",
    seed: 43,
    bpb: 1.5,
    step: 5000,
    sha: "abcdef0123",
    corpus: "demo 86c4e6aa9db7",
    protocol: "chunked",
    gate_status: "below_target_evidence",
    prereg: null,
  };

  it("the rows stand in the chain, twice is once, and new rows follow", async () => {
    await appendRow(path, fresh, takeLock);
    expect(await importing(sourceOf(old))).toMatchObject({ ok: true, line: 3 });
    const once = readFileSync(path, "utf8");
    expect(await importing(sourceOf(old))).toMatchObject({ ok: true, line: 3 });
    expect(readFileSync(path, "utf8")).toBe(once);
    expect(await appendRow(path, fresh, takeLock)).toMatchObject({ ok: true, line: 4 });
    const { rows, findings, chained } = await loadLedger(path);
    expect([findings, chained]).toEqual([[], 4]);
    expect(rows.map(({ seed, step, sha }) => [seed, step, sha])).toEqual([
      [43, 5000, "abcdef0123"],
      [43, 5000, null],
      [44, 9000, "abcdef0"],
      [43, 5000, "abcdef0123"],
    ]);
    expect(planImport(sourceOf(old), await loadLedger(path)).present).toBe(2);
    const other = sourceOf(`${old}\n`);
    expect(planImport(other, await loadLedger(path)).rows.length).toBe(2);
  });
  it("an import that was cut off goes on where it ended", async () => {
    await importing(sourceOf(old));
    const whole = readFileSync(path, "utf8");
    const second = whole.indexOf("\n") + 1;
    writeFileSync(path, whole.slice(0, second + 30));
    rmSync(`${path}.head`);
    expect(await importing(sourceOf(old))).toMatchObject({ ok: false, code: "not-sound" });
    await recoverLedger(path, takeLock);
    expect(await importing(sourceOf(old))).toMatchObject({ ok: true, line: 2 });
    expect(readFileSync(path, "utf8")).toBe(whole);
  });
  it("an imported row is covered by its hash, and a mark of import lets no new row lack its fields", async () => {
    await importing(sourceOf(old));
    writeFileSync(path, readFileSync(path, "utf8").replace('"kept"', '"lost"'));
    expect((await loadLedger(path)).findings.map(({ code }) => code)).toContain("edited");
    const { sha: _, ...without } = fresh;
    const marked = { ...without, imported: { file: "f", sha256: "0".repeat(64), line: 1 } } as unknown as NewRow;
    expect(await appendRow(join(folder, "new.jsonl"), marked, takeLock)).toMatchObject({ ok: false, code: "bad-row" });
    const bad = chainedLine({ bpb: 1, imported: { file: "f", sha256: "0", line: 1 } } as never, noHash).line;
    expect(readLedger(Buffer.from(bad)).findings.map(({ code }) => code)).toEqual(["missing-field"]);
  });
});

describe("any older file", () => {
  const fields = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5, noNullPrototype: true });
  const names = fc.subarray(["hash", "prev", "imported", "seed", "__proto__x"]);
  const anyRow = fc.tuple(fields, names, fc.jsonValue(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  it("is read, planned and chained without a loss", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 6 }), (list) => {
        const rows = list.map(([some, taken, value, bpb]) => ({
          ...some,
          ...Object.fromEntries(taken.map((name) => [name, value])),
          bpb: bpb === 0 ? 0 : bpb,
        }));
        const source = sourceOf(rows.map((one) => `${JSON.stringify(one)}\n`).join(""));
        // Both names in one row are a chain, sound or not: such a file is refused.
        if (faultOfSource(source) !== null) return;
        let [text, prev] = ["", noHash];
        for (const one of planImport(source, empty).rows) {
          const { line, hash } = chainedLine(one, prev);
          text += line;
          prev = hash;
        }
        const back = readLedger(Buffer.from(text));
        expect(back.findings).toEqual([]);
        const restored = back.rows.map(({ fields: { imported, hash: _, prev: __, ...rest } }) => ({
          ...rest,
          ...(imported as { fields?: object }).fields,
        }));
        expect(restored).toEqual(source.ledger.rows.map(({ fields: original }) => original));
      }),
      { examples: [[[[{ toString: "own" }, [], null, 2]]], [[[JSON.parse('{"__proto__":{"a":1}}'), [], null, 2]]]] },
    );
  });
});
