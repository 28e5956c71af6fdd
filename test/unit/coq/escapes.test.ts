/** Ways around the pre-scan, Coq's own forms of an error, and files that are none. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseErrors } from "../../../daemon/invariants/coq/errors.ts";
import { scanProof } from "../../../daemon/invariants/coq/scan.ts";
import { readFolderFile } from "../../../daemon/prover/read-folder.ts";

it.each(["2: ", "[x]: ", "[x]: { ", "- ", "{ "])("a sentence that writes is seen behind %s", (focus) => {
  const scan = scanProof("a.v", `Goal True. ${focus}Redirect "out" Check nat. exact I. Qed.\n`);
  expect(scan.kind === "coq" ? scan.unsafe.length : 0).toBe(1);
});

it.each([
  [
    "a symbol of a notation",
    'Notation "#( x )" := x. Notation "* x" := x (at level 39).\nCheck #(* 1 ). HIDDEN\n(* *)*)',
  ],
  ["a word of a notation", "Check sin(* 1 ). HIDDEN\nCheck 1 *)."],
  ["Coq's own symbol", "Definition d `(* C) := 1. HIDDEN\n(* *)*)"],
  ["a comment within another that is none", "Check #(* (* c *) #(* 1 )). HIDDEN\n(* *)*)*)"],
])("what hides behind %s is no comment, if it writes", (_, text) => {
  const unsafe = (sentence: string) => {
    const scan = scanProof("a.v", text.replace("HIDDEN", sentence));
    return scan.kind === "coq" ? scan.unsafe.length : 0;
  };
  expect(unsafe('Redirect "out" Print nat.')).toBe(1);
  expect(unsafe("Print nat.")).toBe(0);
});

it.each(['(* Redirect "out" Print nat. *)', 'Check 1. (* . Redirect "out" Print nat. *)', "(* a *)(* . Load b. *)"])(
  "%s is a comment, whatever it says",
  (text) => {
    const scan = scanProof("a.v", `Goal True. exact I. Qed. ${text}\n`);
    expect(scan.kind === "coq" ? scan.unsafe : null).toEqual([]);
  },
);

it("an error whose label has a line to itself keeps its words", () => {
  const text = "File \"/o/a.v\", line 1, characters 26-27:\nError:\nSyntax error: [term] expected after ','.\n";
  expect(parseErrors(text)).toMatchObject([
    { kind: "error", line: 1, message: "Syntax error: [term] expected after ','." },
  ]);
});

it.skipIf(process.platform === "win32")("links and pipes are not read, whatever the watcher says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "igla-links-"));
  try {
    symlinkSync("/dev/zero", join(folder, "Z.v"));
    execFileSync("mkfifo", [join(folder, "P.v")]);
    expect(await readFolderFile(folder, "Z.v")).toBeNull();
    expect(await readFolderFile(folder, "P.v")).toBeNull();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
