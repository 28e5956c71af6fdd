/** The ledger: every age can be read, every change is noticed, nothing acknowledged is lost. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLedger } from "../../../daemon/evidence/ledger/read.ts";
import { chainedLine, type NewRow, noHash } from "../../../daemon/evidence/ledger/row.ts";
import { appendRow, loadLedger, recoverLedger } from "../../../daemon/evidence/ledger/write.ts";
import { takeLock } from "../../../daemon/store/lock.ts";

const row = (seed: number, more: object = {}): NewRow => ({
  ts: "2026-01-01T00:00:00Z",
  agent: "test",
  seed,
  bpb: 1.5,
  step: 5000,
  sha: "abcdef0123",
  corpus: "demo 86c4e6aa9db7",
  protocol: "chunked",
  gate_status: "below_target_evidence",
  prereg: null,
  ...more,
});

function chain(count: number, prev = noHash): string {
  let text = "";
  let last = prev;
  for (let n = 0; n < count; n++) {
    const { line, hash } = chainedLine(row(n), last);
    text += line;
    last = hash;
  }
  return text;
}

const read = (text: string, head: number | null = null) => readLedger(Buffer.from(text), head);
const codes = (text: string, head: number | null = null) =>
  read(text, head).findings.map(({ code, line }) => `${code}:${line}`);

describe("older shapes", () => {
  it("header rows, steps for step, no sha, no agent; unknown fields are kept; nothing is a finding", () => {
    const text = [
      '{"_schema":"v1","fields":["seed"]}',
      '{"seed":43,"bpb":2.2,"steps":5000,"note":"kept"}',
      '{"schema":2}',
      '{"seed":44,"bpb":2.1,"step":9000,"sha":"abcdef0","agent":"a"}',
      "",
    ].join("\n");
    const { rows, findings } = read(text);
    expect(findings).toEqual([]);
    expect(rows.map(({ line, seed, step, sha, agent }) => [line, seed, step, sha, agent])).toEqual([
      [2, 43, 5000, null, null],
      [4, 44, 9000, "abcdef0", "a"],
    ]);
    expect(rows[0]?.fields.note).toBe("kept");
  });
  it("what an older row lacks or repeats is said, and does not close the file", () => {
    expect(codes('{"bpb":2}\n')).toEqual(["missing-field:1"]);
    expect(read('{"bpb":2}\n').findings[0]).toMatchObject({
      harmless: true,
      message: expect.stringContaining("seed and no step"),
    });
    const twice = '{"seed":1,"bpb":2,"step":1}\n'.repeat(2);
    expect(codes(twice)).toEqual(["duplicate-row:2"]);
    expect(read(twice).findings[0]?.harmless).toBe(true);
    expect(codes('\ufeff{"seed":1,"bpb":2,"step":1}\n')).toEqual(["byte-order-mark:1"]);
  });
  it("a last row without its line break is a result all the same", () => {
    const found = read('{"seed":1,"bpb":2,"step":1}\n{"seed":2,"bpb":2,"step":1}');
    expect(found.rows.map(({ seed }) => seed)).toEqual([1, 2]);
    expect([found.findings.map(({ code }) => code), found.halfLineAt]).toEqual([["no-line-break"], null]);
    expect(codes('{"seed":1,"bpb":2,"step":1}\n{"seed":2,"bpb":2')).toEqual(["half-line:2"]);
  });
});

describe("what is noticed", () => {
  const text = chain(5);
  const lines = text.split("\n");
  it("a sound chain is silent", () => {
    expect(codes(text)).toEqual([]);
    expect(codes(text, 5)).toEqual([]);
  });
  it("an edited row, a removed one, one twice, two in the wrong order, rows cut off", () => {
    expect(codes(text.replace('"seed":2', '"seed":9'))).toContain("edited:3");
    expect(codes(lines.filter((_, i) => i !== 2).join("\n"))).toEqual(["broken-chain:3"]);
    expect(codes([...lines.slice(0, 3), ...lines.slice(2)].join("\n"))).toContain("fork:4");
    expect(codes([lines[1], lines[0], ...lines.slice(2)].join("\n")).length).toBeGreaterThan(0);
    expect(codes(`${lines.slice(0, 3).join("\n")}\n`, 5)).toEqual(["truncated:4"]);
  });
  it("two writers behind one row, and a row past the chain", () => {
    const { line } = chainedLine(row(99), (JSON.parse(lines[3] ?? "") as { hash: string }).hash);
    expect(codes(text + line)).toEqual(["fork:6"]);
    expect(codes(`${text}{"seed":1,"bpb":1}\n`)).toEqual(["unchained-row:6"]);
  });
  it("half lines, CRLF, empty lines, no JSON, no UTF-8, gigantic lines, numbers that are none", () => {
    expect(codes(text + (lines[0] ?? "").slice(0, 40))).toEqual(["half-line:6"]);
    expect(codes(text.trimEnd())).toEqual(["half-line:5"]);
    expect(codes(text.replaceAll("\n", "\r\n")).filter((code) => code.startsWith("crlf")).length).toBe(5);
    expect(codes(`${text}\n`)).toEqual(["empty-line:6"]);
    expect(codes(`${text}{"a":\n`)).toEqual(["not-json:6"]);
    expect(codes(`${text}[1]\n`)).toEqual(["not-a-row:6"]);
    expect(codes('{"seed":1,"bpb":"low"}\n')).toEqual(["not-a-row:1"]);
    expect(codes('{"seed":1,"bpb":1e999}\n')).toEqual(["not-a-row:1"]);
    const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe, 0x0a])]);
    expect(readLedger(bytes).findings.map(({ code }) => code)).toEqual(["not-utf8"]);
    expect(codes(`{"bpb":1,"x":"${"y".repeat(1_100_000)}"}\n`)).toEqual(["too-long:1"]);
  });
  it("bytes that an editor adds to a chained row", () => {
    for (let n = 0; n < 5; n++) {
      const marked = lines.map((line, i) => (i === n ? `\ufeff${line}` : line)).join("\n");
      expect(codes(marked, 5)).toContain(`edited:${n + 1}`);
      const returned = lines.map((line, i) => (i === n ? `${line}\r` : line)).join("\n");
      expect(codes(returned, 5)).toContain(`edited:${n + 1}`);
    }
  });
  it("a chained row that has no canonical form, or lacks what a row must say", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect(codes('{"bpb":1e999,"hash":"a","prev":"b"}\n')).toContain("edited:1");
    expect(codes(`{"bpb":1,"hash":"a","prev":"b","x":${deep}}\n`)).toContain("edited:1");
    const { line } = chainedLine({ bpb: 1 } as NewRow, noHash);
    expect(codes(line)).toEqual(["missing-field:1"]);
  });
  it("one chained row alone, of which nobody knows the number", () => {
    const bytes = Buffer.from(chain(1));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        expect(readLedger(other).findings.length).toBeGreaterThan(0);
      }),
      {
        examples: [
          [bytes.indexOf('"hash"') + 1, 1],
          [bytes.indexOf('"prev"') + 1, 1],
        ],
      },
    );
  });
  it("any byte that is changed, and any line that is taken away", () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        expect(readLedger(other, 5).findings.length).toBeGreaterThan(0);
      }),
    );
    for (let n = 0; n < 5; n++) expect(codes(lines.filter((_, i) => i !== n).join("\n"), 5).length).toBeGreaterThan(0);
  });
  it("never throws, whatever the bytes are", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void readLedger(bytes)));
  });
});

describe("writing", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "igla-ledger-"));
    path = join(folder, "ledger.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const writer = fileURLToPath(new URL("../../fixtures/ledger-writer.ts", import.meta.url));

  it("rows are chained; an older file is continued, and a change to it is noticed", async () => {
    const old = '{"_schema":1}\n{"seed":1,"bpb":2,"steps":10}\n';
    writeFileSync(path, old);
    expect(await appendRow(path, row(1), takeLock)).toMatchObject({ ok: true });
    expect(await appendRow(path, row(2), takeLock)).toMatchObject({ ok: true });
    const { findings, chained, rows } = await loadLedger(path);
    expect([findings, chained, rows.length]).toEqual([[], 2, 3]);
    writeFileSync(path, readFileSync(path, "utf8").replace('"bpb":2,', '"bpb":1,'));
    expect((await loadLedger(path)).findings.map(({ code }) => code)).toEqual(["broken-chain"]);
  });

  it("a ledger that is not sound is not continued, and a bad row is refused before it touches the disk", async () => {
    await appendRow(path, row(1), takeLock);
    const sound = readFileSync(path, "utf8");
    const refused = await appendRow(path, row(2, { bpb: Number.NaN }), takeLock);
    expect(refused).toMatchObject({ ok: false, code: "bad-row", message: expect.stringContaining("bpb") });
    writeFileSync(path, sound.replace("5000", "6000"));
    const result = await appendRow(path, row(2), takeLock);
    expect(result).toMatchObject({ ok: false, code: "not-sound", message: expect.stringContaining(":1:") });
    writeFileSync(path, "");
    expect(await appendRow(path, row(2), takeLock)).toMatchObject({ ok: false, code: "not-sound" });
  });

  it("a half line is moved aside, never deleted", async () => {
    await appendRow(path, row(1), takeLock);
    const sound = readFileSync(path, "utf8");
    writeFileSync(path, `${sound}{"half`);
    expect(await appendRow(path, row(2), takeLock)).toMatchObject({ ok: false, code: "not-sound" });
    expect(await recoverLedger(path, takeLock)).toBe(`${path}.torn-1`);
    expect(readFileSync(`${path}.torn-1`, "utf8")).toBe('{"half');
    expect(readFileSync(path, "utf8")).toBe(sound);
    expect(await recoverLedger(path, takeLock)).toBeNull();
    expect(await appendRow(path, row(2), takeLock)).toMatchObject({ ok: true });
  });

  it("an older file without a last line break gets one, and its last row stays", async () => {
    const old = '{"seed":1,"bpb":2,"step":10}';
    writeFileSync(path, old);
    expect(await appendRow(path, row(1), takeLock)).toMatchObject({ ok: false, code: "not-sound" });
    expect(await recoverLedger(path, takeLock)).toBeNull();
    expect(readFileSync(path, "utf8")).toBe(`${old}\n`);
    expect(await appendRow(path, row(1), takeLock)).toMatchObject({ ok: true });
    expect((await loadLedger(path)).findings).toEqual([]);
  });

  it("a row that could never be read again is refused, and the ledger stays open", async () => {
    const long = await appendRow(path, row(1, { note: "y".repeat(1_100_000) }), takeLock);
    expect(long).toMatchObject({ ok: false, code: "bad-row", message: expect.stringContaining("1048576") });
    const none = await appendRow(path, row(1, { note: Number.NaN }), takeLock);
    expect(none).toMatchObject({ ok: false, code: "bad-row", message: expect.stringContaining("NaN") });
    expect(await appendRow(path, row(1), takeLock)).toMatchObject({ ok: true });
  });

  it("a count of rows that is lost or damaged is said", async () => {
    await appendRow(path, row(1), takeLock);
    rmSync(`${path}.head`);
    expect((await loadLedger(path)).findings).toMatchObject([{ code: "unknown-count", harmless: true }]);
    writeFileSync(`${path}.head`, "many\n");
    expect(await appendRow(path, row(2), takeLock)).toMatchObject({ ok: false, code: "not-sound" });
  });

  it("killed in the middle 100 times: what was acknowledged is there, in order, and the chain holds", async () => {
    const acknowledged: string[] = [];
    for (let kill = 0; kill < 100; kill++) {
      const child = spawn(process.execPath, [writer, path, `writer ${kill}`], { stdio: ["ignore", "pipe", "inherit"] });
      let out = "";
      const ended = new Promise((resolve) => child.once("close", resolve));
      const first = new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk: Buffer) => {
          out += chunk.toString();
          if (out.includes("\n")) resolve();
        });
      });
      await first;
      await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 13));
      child.kill("SIGKILL");
      await ended;
      const whole = out.slice(0, out.lastIndexOf("\n") + 1);
      expect(whole).not.toContain("no ");
      acknowledged.push(
        ...whole
          .split("\n")
          .filter(Boolean)
          .map((line) => line.slice(3)),
      );
      const { findings, halfLineAt } = await loadLedger(path);
      expect(findings.filter(({ code }) => code !== "half-line")).toEqual([]);
      if (halfLineAt !== null) await recoverLedger(path, takeLock);
    }
    const hashes = (await loadLedger(path)).rows.map(({ fields }) => fields.hash);
    const kept = new Set(hashes);
    expect(acknowledged.length).toBeGreaterThan(99);
    expect(acknowledged.filter((hash) => !kept.has(hash))).toEqual([]);
    expect(hashes.filter((hash) => acknowledged.includes(String(hash)))).toEqual(acknowledged);
    console.log(
      `${acknowledged.length} rows acknowledged, ${hashes.length} kept, ${readdirSync(folder).filter((name) => name.includes("torn")).length} half lines moved aside`,
    );
  }, 300_000);

  it("killed within a row of a megabyte: what is half is moved aside byte by byte, what was acknowledged stays", async () => {
    const rowBytes = 1_000_000;
    let torn = 0;
    for (let kill = 0; kill < 40 && torn < 3; kill++) {
      const file = join(folder, `long-${kill}.jsonl`);
      const child = spawn(process.execPath, [writer, file, "long", String(rowBytes)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let out = "";
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString();
      });
      const ended = new Promise((resolve) => child.once("close", resolve));
      // The kill has to come while a row is on its way to the disk, so the size of the file gives the sign.
      const sign = rowBytes * (1 + (kill % 3)) + kill * 20_000;
      while (child.exitCode === null && (statSync(file, { throwIfNoEntry: false })?.size ?? 0) < sign) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      child.kill("SIGKILL");
      await ended;
      const before = readFileSync(file);
      const moved = await recoverLedger(file, takeLock);
      if (moved !== null) {
        torn += 1;
        expect(Buffer.concat([readFileSync(file), readFileSync(moved)]).equals(before)).toBe(true);
      }
      const { rows, findings } = await loadLedger(file);
      expect(findings.filter(({ harmless }) => !harmless)).toEqual([]);
      const kept = rows.map(({ fields }) => `ok ${fields.hash}`);
      const whole = out.slice(0, out.lastIndexOf("\n") + 1);
      expect(kept).toEqual(expect.arrayContaining(whole.split("\n").filter(Boolean)));
      rmSync(file);
    }
    console.log(`${torn} half lines moved aside`);
  }, 300_000);

  it("two writers at once take turns", async () => {
    const children = ["a", "b"].map((agent) =>
      spawn(process.execPath, [writer, path, agent], { stdio: ["ignore", "pipe", "inherit"] }),
    );
    const counts = [0, 0];
    await Promise.all(
      children.map(
        (child, i) =>
          new Promise<void>((resolve) => {
            child.stdout.on("data", (chunk: Buffer) => {
              counts[i] = (counts[i] ?? 0) + chunk.toString().split("\n").length - 1;
              if ((counts[i] ?? 0) >= 5) resolve();
            });
          }),
      ),
    );
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))));
    const { findings, rows } = await loadLedger(path);
    expect(findings.filter(({ code }) => code !== "half-line")).toEqual([]);
    expect(new Set(rows.map(({ agent }) => agent))).toEqual(new Set(["a", "b"]));
  }, 60_000);
});
