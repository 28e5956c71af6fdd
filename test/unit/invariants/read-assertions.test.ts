import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAssertions } from "../../../daemon/invariants/read-assertions.ts";
import type { Place } from "../../../daemon/protocol/invariant-report.ts";

const path = "assertions/igla_assertions.json";

function read(text: string, at = path) {
  const source = readAssertions(at, text);
  if (source === null) throw new Error("not read as a file of invariants");
  return source;
}

/** What stands at a place of a text with `\n`. */
function at(text: string, { range }: Place): string {
  const lines = text.split("\n").slice(range.start.line, range.end.line + 1);
  const last = lines.length - 1;
  return lines
    .map((line, i) => line.slice(i === 0 ? range.start.character : 0, i === last ? range.end.character : undefined))
    .join("\n");
}

describe("shapes", () => {
  it("a list, with every field of the specification and the exact place of each value", () => {
    const text = `{
  "_metadata": { "schema_version": "1.0.0", "admitted_budget": { "max": 3, "used": 1 } },
  "invariants": [
    { "id": "INV-8", "name": "lr", "coq_theorem": "φ_band", "coq_file": "proofs/Lr.v", "status": "PROVEN",
      "admitted_theorems": ["helper"], "admitted_count": 1,
      "runtime_check": { "action": "abort", "message": "lr leaves its band" },
      "numeric_anchor": { "lr": { "min": 0.002 } }, "bands": { "lr": [0.002, 0.007] }, "unknown": [1] }
  ]
}`;
    const { shape, entries, budget, problems } = read(text);
    expect(shape).toBe("list");
    expect(problems).toEqual([]);
    const [entry] = entries;
    expect(entry).toMatchObject({ claim: "Proven", coqPath: "proofs/Lr.v", name: "lr" });
    expect(entry?.runtimeCheck).toEqual({ action: "abort", message: "lr leaves its band" });
    expect(entry?.numbers).toEqual({ "lr.min": 0.002, lr: [0.002, 0.007] });
    const places = [entry?.id, entry?.claimed, entry?.theorem, entry?.admittedTheorems[0], entry?.admittedCount];
    expect(places.map((written) => written && at(text, written.place))).toEqual([
      '"INV-8"',
      '"PROVEN"',
      '"φ_band"',
      '"helper"',
      "1",
    ]);
    expect([budget?.max, budget?.used].map((written) => written && at(text, written.place))).toEqual(["3", "1"]);
  });

  it("a map from id to entry", () => {
    const text = `{ "invariants": { "INV-1": { "coq_file": "a.v", "status": "admitted", "theorem": "t", "qed_count": 2, "admitted_count": 0 } } }`;
    const { shape, entries } = read(text);
    expect(shape).toBe("map");
    expect(entries[0]).toMatchObject({ claim: "Admitted", qedCount: { value: 2 }, theorem: { value: "t" } });
    expect(at(text, entries[0]?.id.place as Place)).toBe('"INV-1"');
  });

  it("keys inv1, inv2 with a flag instead of a word", () => {
    const text = `{ "version": 2, "inv1": { "file": "p/x.v", "name": "thm", "proof_qed": true }, "inv2": { "file": "y.v", "name": "u", "proof_qed": false } }`;
    const { shape, entries } = read(text, "somewhere/claims.json");
    expect(shape).toBe("keys");
    expect(entries.map(({ id, claim, theorem }) => [id.value, claim, theorem?.value])).toEqual([
      ["inv1", "Proven", "thm"],
      ["inv2", "open", "u"],
    ]);
    expect(at(text, entries[0]?.claimed?.place as Place)).toBe("true");
  });

  it("leaves other JSON alone", () => {
    for (const text of ['{"name": "igla", "version": "1"}', "[1, 2]", "3", "", '{"invariants": [{"id": 1}]}']) {
      expect(readAssertions("package.json", text)).toBeNull();
    }
  });
});

describe("what people write into paths", () => {
  const one = (file: string) => read(JSON.stringify({ invariants: [{ id: "A", coq_theorem: "t", coq_file: file }] }));
  it.each([
    ["proofs/x.v", "proofs/x.v", []],
    ["./proofs//x.v", "proofs/x.v", []],
    ["proofs\\x.v", "proofs/x.v", []],
    ["x.v (NOT YET CREATED)", "x.v", ["path-with-prose"]],
    ["see proofs/x.v, line 3", "proofs/x.v", ["path-with-prose"]],
    ["../x.v", null, ["path-outside"]],
    ["a/../../x.v", null, ["path-outside"]],
    ["/etc/x.v", null, ["path-outside"]],
    ["C:/x.v", null, ["path-outside"]],
    ["to be written", null, ["path-unreadable"]],
  ])("%j is read as %j", (written, expected, codes) => {
    const { entries, problems } = one(written);
    expect(entries[0]?.coqPath).toBe(expected);
    expect(problems.map(({ code }) => code)).toEqual(codes);
  });
});

describe("bad input", () => {
  it("broken JSON: the entries before the error are read, and the error has a place", () => {
    const text = `{ "invariants": [ { "id": "INV-1", "coq_theorem": "t", "coq_file": "a.v", "status": "Proven" }, { "id": `;
    const { entries, problems } = read(text);
    expect(entries[0]).toMatchObject({ claim: "Proven", id: { value: "INV-1" } });
    expect(problems.some(({ code }) => code === "json-syntax")).toBe(true);
  });

  it("a byte order mark does not move anything: editors do not count it", () => {
    const text = `{ "invariants": [ { "id": "INV-1", "coq_theorem": "t", "status": "wip" } ] }`;
    expect(at(text, read(`\ufeff${text}`).entries[0]?.claimed?.place as Place)).toBe('"wip"');
  });

  it("thousands of entries in well under a second", () => {
    const invariants = Array.from({ length: 5000 }, (_, i) => ({ id: `I${i}`, coq_theorem: `t${i}`, coq_file: "a.v" }));
    const started = performance.now();
    expect(read(JSON.stringify({ invariants }, null, 1)).entries).toHaveLength(5000);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("never throws", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"invariants"',
      ":",
      ",",
      '"id"',
      '"coq_file"',
      '"a.v"',
      "1",
      "null",
      "true",
      " ",
      "\n",
      "//",
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        readAssertions(path, pieces.join(""));
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.json(), (text) => void readAssertions(path, text)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => void readAssertions(path, text)),
      { numRuns: 500 },
    );
  });
});
