/** Whatever is offered: the mended file is JSON, looks as it did, and the reason is gone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proofActions } from "../../../daemon/lsp/proofs/actions.ts";
import { ProofFolder } from "../../../daemon/lsp/proofs/proof-folder.ts";
import { admitted, applied, factsOf, judgeText, path, reasonsOf, theorem } from "./fixtures.ts";

const standard = { qualifiedName: "Coq.X.y", type: "T", kind: "standard", declaredIn: null } as const;
const known = {
  proven: factsOf(theorem("good")),
  standard: factsOf(theorem("good", { assumptions: [standard] })),
  empty: factsOf(theorem("good", { vacuity: [{ reason: "true", note: "it is True" }] })),
  leaning: factsOf(theorem("good", { assumptions: [admitted("helper"), admitted("other"), standard] })),
  admitted: factsOf(theorem("good", { assumesItself: true })),
  broken: factsOf(theorem("good"), { kind: "failed", message: "no", place: null, acceptedUpToLine: null }),
};

const maybe = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const entry = fc.record({
  status: maybe("Proven", "PROVEN", "Admitted", "wip", "", "sure", "true", "false"),
  proof_qed: maybe<unknown>(true, false, "true", "QED", "false", 1),
  admitted_theorems: maybe<unknown>(
    [],
    ["helper"],
    ["helper", "other"],
    ["gone"],
    [{ name: "helper", why: "it is late" }],
    [{ theorem: "other" }, { theorem: "gone" }],
    ["helper", { name: "gone" }],
    [{}],
    [[], ["helper"]],
    [null],
  ),
  admitted_count: maybe(0, 2, 7),
  qed_count: maybe(0, 1, 3),
});
const layouts = fc.record({
  indent: fc.constantFrom("", "  ", "\t"),
  end: fc.constantFrom("\n", "\r\n"),
  mark: fc.constantFrom("", "\ufeff"),
  /** Empty lists over two lines. */
  isLoose: fc.boolean(),
});
const files = fc.record({
  shape: fc.constantFrom("list", "map", "keys"),
  entries: fc.array(entry, { minLength: 1, maxLength: 3 }),
  budget: maybe({ max: 1, used: 0 }, { max: 9, used: 3 }, { used: 12 }),
  layout: layouts,
});
type File = typeof files extends fc.Arbitrary<infer T> ? T : never;

function textOf({ shape, entries, budget, layout: { indent, end, mark, isLoose } }: File): string {
  const whole = entries.map((one) => ({ coq_theorem: "good", coq_file: "p.v", ...one }));
  const byKey = (prefix: string) => Object.fromEntries(whole.map((one, at) => [`${prefix}${at + 1}`, one]));
  const list = whole.map((one, at) => ({ id: `INV-${at + 1}`, ...one }));
  const content = shape === "keys" ? byKey("inv") : { invariants: shape === "map" ? byKey("INV-") : list };
  const text = JSON.stringify({ _metadata: { admitted_budget: budget }, ...content }, null, indent);
  const loose = isLoose && indent !== "" ? text.replaceAll("[]", `[\n${indent.repeat(3)}]`) : text;
  return mark + loose.replaceAll("\n", end);
}

/** Line ends and indentation of the whole text. */
function looks(text: string): object {
  const ends = new Set(text.match(/\r\n|\n|\r/g) ?? []);
  const indents = new Set((text.match(/^[ \t]+/gm) ?? []).map((blanks) => [...new Set(blanks)].join("")));
  return { ends, indents, mark: text.startsWith("\ufeff") };
}

const parsed = (text: string): unknown => JSON.parse(text.replace(/^\ufeff/, ""));

it("every fix of every file", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(files, fc.constantFrom(...Object.values(known)), (file, facts) => {
      const text = textOf(file);
      const before = reasonsOf(judgeText(text, facts));
      for (const reason of before) {
        for (const fix of reason.fixes) {
          seen.add(reason.code);
          const mended = applied(text, fix);
          expect(parsed(mended)).not.toEqual(parsed(text));
          expect(looks(mended)).toEqual(looks(text));
          const after = reasonsOf(judgeText(mended, facts));
          const isSame = (one: typeof reason) => one.code === reason.code && one.message === reason.message;
          expect(after.filter(isSame).length).toBeLessThan(before.filter(isSame).length);
          const errors = (all: typeof before) => all.filter(({ severity }) => severity === "error").length;
          expect(errors(after)).toBeLessThanOrEqual(errors(before));
        }
      }
    }),
    { numRuns: 1500 },
  );
  const codes = ["over-claim", "under-claim", "proven-in-fact", "admitted-not-listed", "count-disagrees"];
  expect([...seen].sort()).toEqual([...codes, "budget-exceeded", "does-not-compile"].sort());
});

it("a name is added in the kind and the place of the names that are there", () => {
  const added = (list: string) => {
    const text = `{ "invariants": [{ "id": "A", "coq_theorem": "good", "coq_file": "p.v", "admitted_theorems": ${list} }] }`;
    const reasons = reasonsOf(judgeText(text, known.leaning)).filter(({ code }) => code === "admitted-not-listed");
    const [fix] = reasons.find(({ message }) => message.includes("other"))?.fixes ?? [];
    if (fix === undefined) throw new Error("nothing is offered");
    return /"admitted_theorems": (.*) \}\] \}$/s.exec(applied(text, fix))?.[1];
  };
  expect(added("[]")).toBe('["other"]');
  expect(added("[\n  ]")).toBe('["other"]');
  expect(added('["helper"]')).toBe('["helper", "other"]');
  expect(added('[ "gone","helper" ]')).toBe('[ "gone","helper","other" ]');
  expect(added('[\r\n\t\t"helper"\r\n\t]')).toBe('[\r\n\t\t"helper",\r\n\t\t"other"\r\n\t]');
  expect(added('[{"name":"helper","why":"late"}]')).toBe('[{"name":"helper","why":"late"}, {"name":"other"}]');
  expect(added('[\n{ "theorem": "helper" }\n]')).toBe('[\n{ "theorem": "helper" },\n{ "theorem": "other" }\n]');
});

it("nothing is offered while the text is no JSON", () => {
  const text = `{ "invariants": [{ "id": "A", "coq_theorem": "good", "coq_file": "p.v", "status": "Proven", "admitted_theorems": [] },] }`;
  const reasons = reasonsOf(judgeText(text, known.leaning));
  expect(reasons.map(({ code }) => code)).toContain("over-claim");
  expect(reasons.flatMap(({ fixes }) => fixes)).toEqual([]);
});

describe("an entry for a theorem that has none", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "igla-entry-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function offered(text: string): Promise<string | null> {
    const proof = "Theorem more : True. Proof. exact I. Qed.\n";
    for (const [name, content] of [
      [path, text],
      ["p.v", proof],
    ] as const) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), content);
    }
    const folder = new ProofFolder(root, join(root, "no cache"), () => undefined);
    await folder.texts.load();
    const at = { line: 0, character: 9 };
    const actions = proofActions(folder, "p.v", { start: at, end: at }, [], proof);
    const add = actions.find(({ title }) => title === `Add an entry for more to ${path}`);
    const edits = Object.values(add?.edit?.changes ?? {})[0];
    return edits === undefined ? null : applied(text, { title: "", path, edits });
  }

  it("follows shape, line ends, indentation and blanks of the file", async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const text = textOf(file);
        const mended = (await offered(text)) ?? "";
        expect(looks(mended)).toEqual(looks(text));
        const { entries, shape } = file;
        const number = entries.length + 1;
        const { invariants, ...rest } = parsed(mended) as { invariants: Record<string, object> };
        const added = shape === "keys" ? rest : invariants;
        const words = { list: String(entries.length), map: `INV-${number}`, keys: `inv${number}` };
        const flag = { name: "more", file: "p.v", proof_qed: false };
        const word = { coq_file: "p.v", status: "wip" };
        const expected = {
          list: { id: `INV-${number}`, name: "more", coq_theorem: "more", ...word },
          map: { theorem: "more", ...word },
          keys: flag,
        };
        expect((added as Record<string, object>)[words[shape]]).toEqual(expected[shape]);
      }),
      { numRuns: 100 },
    );
  });

  it("looks like the last one, to the blank", async () => {
    const one = (status: string) => `\t{ "id":"INV-1", "coq_theorem":"t", "status":"${status}" }`;
    expect(await offered(`{"invariants": [\r\n${one("wip")}\r\n]}\r\n`)).toBe(
      `{"invariants": [\r\n${one("wip")},\r\n\t{ "id":"INV-2", "name":"more", "coq_theorem":"more", "coq_file":"p.v", "status":"wip" }\r\n]}\r\n`,
    );
  });

  it("is not offered for a file that is no JSON, or that has no entry to follow", async () => {
    expect(await offered('{ "invariants": [{ "id": "INV-1" }] } // done')).toBeNull();
    expect(await offered('{ "invariants": [] }')).toBeNull();
  });
});
