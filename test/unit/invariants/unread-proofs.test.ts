/** A cited file that is there and was not read is neither missing nor proof of anything. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkFolder } from "../../../daemon/prover/check-folder.ts";
import { unreadAt } from "../../../daemon/prover/unread.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "igla-unread-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text = "Theorem good : True. Proof. exact I. Qed.\n"): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function judged(coqFile: string, status = "Proven") {
  const entry = { id: "INV-1", coq_theorem: "good", coq_file: coqFile, status };
  write("igla_assertions.json", JSON.stringify({ invariants: [entry] }));
  const { report } = await checkFolder({ folder, prover: null, cacheFolder: join(folder, "no cache") });
  const invariant = report.assertionFiles[0]?.invariants[0];
  if (invariant === undefined) throw new Error("no invariant");
  return invariant;
}

describe("what is said of such a file", () => {
  it.each(["dist/a.v", "node_modules/x/a.v", ".git/a.v", "proofs/_build/a.v"])(
    "%s lies where nobody looks",
    async (path) => {
      write(path);
      const invariant = await judged(path);
      expect(invariant).toMatchObject({ status: null, verdict: "unknown", proofPath: path });
      expect(invariant.marks).toEqual([{ kind: "unknown", reason: "left-out" }]);
      expect(invariant.reasons).toMatchObject([{ code: "proof-not-read", severity: "warning", fixes: [] }]);
      expect(invariant.reasons[0]?.message).toMatch(
        /lies in (dist|node_modules|\.git|_build), where Igla does not look/,
      );
    },
  );

  it("is a hint where nothing is claimed, beside what else there is to say", async () => {
    write("dist/a.v");
    const open = await judged("dist/a.v", "wip");
    expect(open).toMatchObject({ verdict: "open", reasons: [{ code: "proof-not-read", severity: "hint" }] });
    const odd = await judged("dist/a.v", "sure");
    expect(odd.reasons.map(({ code }) => code)).toEqual(["unknown-status", "proof-not-read"]);
  });

  it("missing is missing, and text that is no proof stays an over-claim", async () => {
    write("notes.md");
    write("dist/other.v");
    for (const path of ["a.v", "dist/a.v", "notes.md", "notes.md/a.v"]) {
      expect(await judged(path)).toMatchObject({ status: "Broken", verdict: "broken" });
    }
  });

  it("a nearer file that is left out does not hand the claim to one further away", async () => {
    write("dist/a.v");
    write("pkg/dist/a.v");
    write(
      "pkg/igla_assertions.json",
      JSON.stringify({ invariants: [{ id: "B", coq_theorem: "good", coq_file: "dist/a.v" }] }),
    );
    const { report } = await checkFolder({ folder, prover: null, cacheFolder: join(folder, "no cache") });
    expect(report.assertionFiles[0]?.invariants[0]?.proofPath).toBe("pkg/dist/a.v");
  });
});

describe.skipIf(process.platform === "win32")("why", () => {
  const why = (path: string) => {
    const found = unreadAt(folder, path);
    return found.kind === "missing" ? "missing" : `${found.kind}: ${found.why}`;
  };

  it("links, folders, sizes and depths are told apart", () => {
    write("real/a.v");
    symlinkSync("real/a.v", join(folder, "link.v"));
    symlinkSync("nowhere.v", join(folder, "dangling.v"));
    symlinkSync("loop.v", join(folder, "loop.v"));
    symlinkSync("real", join(folder, "way"));
    mkdirSync(join(folder, "folder.v"));
    write("big.v");
    truncateSync(join(folder, "big.v"), 8 * 1024 * 1024 + 1);
    const deep = `${"d/".repeat(13)}a.v`;
    write(deep);
    expect(why("link.v")).toBe("left-out: is a link, which is not followed");
    expect(why("way/a.v")).toBe("left-out: lies behind way, which is a link, which is not followed");
    expect(why("dangling.v")).toBe("missing");
    expect(why("way/b.v")).toBe("missing");
    expect(why("loop.v")).toBe("unreadable: cannot be read (ELOOP)");
    expect(why("folder.v")).toBe("left-out: is a folder");
    expect(why("big.v")).toBe("left-out: is larger than 8 MiB");
    expect(why(deep)).toBe("left-out: lies too deep");
    expect(why("real/a.v")).toBe("left-out: was not among the files that were read");
    expect(why(`${"x".repeat(5000)}.v`)).toBe("missing");
  });

  it("a file or folder without the right to read is there, and not known", async () => {
    write("closed.v");
    write("inner/a.v");
    write("igla_assertions.json", "{}");
    for (const path of ["", "inner", "inner/a.v", "igla_assertions.json"]) chmodSync(join(folder, path), 0o777);
    chmodSync(join(folder, "closed.v"), 0);
    chmodSync(join(folder, "inner"), 0);
    await asNobody(async () => {
      expect(why("closed.v")).toBe("unreadable: cannot be read (EACCES)");
      expect(why("inner/a.v")).toBe("unreadable: cannot be read (EACCES)");
      const { status, verdict, marks, reasons } = await judged("closed.v");
      expect([status, verdict, marks]).toEqual([null, "unknown", [{ kind: "unknown", reason: "unreadable" }]]);
      expect(reasons).toMatchObject([{ code: "proof-not-read" }]);
    });
    chmodSync(join(folder, "inner"), 0o777);
  });
});

/** The superuser may read everything. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
