import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rangeInLine, rangeOfBytes } from "../../../daemon/invariants/coq/bytes.ts";
import { parseErrors } from "../../../daemon/invariants/coq/errors.ts";
import { parseGlob } from "../../../daemon/invariants/coq/glob.ts";
import { parseProject } from "../../../daemon/invariants/coq/project.ts";
import { scanProof } from "../../../daemon/invariants/coq/scan.ts";

const fixture = (name: string): string => readFileSync(`test/fixtures/coq/${name}`, "utf8");

describe(".glob", () => {
  const source = fixture("trust.v");
  const glob = parseGlob(fixture("trust.glob"));

  it("carries the digest of the source", () => {
    expect(glob.digest).toBe(createHash("md5").update(source).digest("hex"));
    expect(parseGlob("DIGEST NO\nFA\n").digest).toBeNull();
  });

  it("lists what is declared, and the bytes of a name are the name", () => {
    const bytes = Buffer.from(source);
    const theorems = glob.declarations.filter((each) => each.kind === "prf" || each.kind === "ax");
    for (const each of theorems) expect(bytes.subarray(each.startByte, each.endByte).toString()).toBe(each.name);
    expect(theorems.find((each) => each.name === "deep'")).toMatchObject({ kind: "prf", modulePath: "N.O" });
    expect(theorems.find((each) => each.name === "φ")).toMatchObject({ kind: "ax", modulePath: "" });
    expect(glob.declarations.some((each) => each.kind === "binder")).toBe(false);
  });

  it("agrees with the scanner about names and places", () => {
    const scan = scanProof("trust.v", source);
    const toRange = rangeOfBytes(source);
    const declared = scan.kind === "coq" ? scan.declarations : [];
    const places = new Map(declared.map((each) => [each.name, each.range]));
    const theorems = glob.declarations.filter((each) => each.kind === "prf");
    expect(theorems.length).toBe(13);
    for (const each of theorems) expect(toRange(each.startByte, each.endByte)).toEqual(places.get(each.name));
  });

  it("survives a file that stops anywhere", () => {
    expect(parseGlob("DIGEST 0123456789abcdef0123456789abcdef\nFA\nprf 6:6 <> a\nax 1").declarations).toHaveLength(1);
    expect(parseGlob("")).toEqual({ digest: null, library: null, declarations: [], references: [] });
  });
});

describe("bytes to ranges", () => {
  it.each(["", "plain", "φ = ψ", "a 𝕜 b\r\nφ'\n", `${"λ𝕜x".repeat(400)}\nφ`])("agrees with UTF-8: %#", (text) => {
    const toRange = rangeOfBytes(`\ufeff${text}`);
    let bytes = 0;
    let line = 0;
    let character = 0;
    for (const each of text) {
      expect(toRange(bytes, bytes).start).toEqual({ line, character });
      bytes += Buffer.byteLength(each);
      character += each.length;
      if (each === "\n") [line, character] = [line + 1, 0];
    }
    expect(toRange(0, bytes + 99).end).toEqual({ line, character });
  });

  it("clamps what an error says of its line", () => {
    const text = "Lemma l :\n φφ = ψ.\nQed.";
    expect(rangeInLine(text, 2, 1, 5)).toEqual({ start: { line: 1, character: 1 }, end: { line: 1, character: 3 } });
    expect(rangeInLine(text, 2, -8, 0).start).toEqual({ line: 1, character: 0 });
    expect(rangeInLine(text, 2, 1, 15).end).toEqual({ line: 2, character: 3 });
    expect(rangeInLine(text, 99, 3, 9)).toEqual({ start: { line: 2, character: 4 }, end: { line: 2, character: 4 } });
  });
});

describe("errors of coqc", () => {
  const errors = parseErrors(fixture("errors.txt"));

  it("gives each its place and its message", () => {
    expect(errors.map((each) => [each.kind, each.path, each.line, each.startByte, each.endByte])).toEqual([
      ["error", "./Greek.v", 2, 19, 25],
      ["error", null, 1, 0, 0],
      ["error", "./Missing.v", 1, 0, 20],
      ["error", "./Open.v", 2, 0, 0],
      ["error", "./Multi.v", 3, 3, 7],
      ["warning", "./Warn.v", 1, 10, 33],
      ["error", "./Warn.v", 1, 10, 33],
    ]);
    expect(errors[1]?.message).toBe("There are pending proofs in file ./Pending.v: l.");
    expect(errors[3]?.message).toBe("Syntax Error: Lexer: Unterminated comment");
    expect(errors[4]?.message).toMatch(/^In environment\nn : nat\nThe term "true"/);
  });

  it("says nothing of output that is no message", () => {
    expect(parseErrors("")).toEqual([]);
    expect(parseErrors("Killed\nsomething else\n")).toEqual([]);
  });
});

describe("_CoqProject", () => {
  it("reads load paths, files and flags", () => {
    const text =
      '# a comment -R x Y\n-R theories Igla # more\n-Q "my proofs" ""\n-I src\n-arg "-w -all"\n-arg -type-in-type\na.v sub/b.v\nDOC = x\n';
    expect(parseProject(text)).toEqual({
      includes: [
        { kind: "R", folder: "theories", name: "Igla" },
        { kind: "Q", folder: "my proofs", name: "" },
        { kind: "I", folder: "src", name: "" },
      ],
      files: ["a.v", "sub/b.v"],
      flags: ["-w -all", "-type-in-type"],
      trustFlags: ["-type-in-type"],
    });
  });

  it("reports every flag that changes what a proof means, or that runs code", () => {
    const flags = [
      "-impredicative-set",
      "-init-file x",
      "-load-vernac-source y.v",
      "-noinit",
      '-unset "Guard Checking"',
      "-w none",
      "-q",
    ];
    expect(parseProject(flags.join("\n")).trustFlags).toEqual([
      "-impredicative-set",
      "-init-file x",
      "-load-vernac-source y.v",
      "-noinit",
      "-unset Guard Checking",
    ]);
  });

  it("never throws and keeps to what is there", () => {
    expect(parseProject("-R")).toMatchObject({ includes: [{ kind: "R", folder: "", name: "" }] });
    expect(parseProject("\ufeff-arg").flags).toEqual([]);
    expect(parseProject('-arg "-arg -q" a.v')).toMatchObject({ flags: ["-q"], files: ["a.v"] });
  });
});
