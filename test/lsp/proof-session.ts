/** A language server over stdio in a folder of claims and proofs, and short ways to ask it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import type { Diagnostic, Hover, Position } from "vscode-languageserver";
import { ProofFolder, processesBelow } from "../prover/coq.ts";
import { ServerUnderTest } from "./server.ts";

export const arith = `(* Gaps are admitted; Theorem in_a_comment : False. *)
Axiom bound : forall n : nat, n < 100.
Lemma gap : forall n : nat, n <= n * n. Admitted.
Theorem good : forall n : nat, n + 0 = n.
Proof. intro n. rewrite <- plus_n_O. reflexivity. Qed.
Theorem leaning : forall n : nat, n < 100 /\\ n <= n * n.
Proof. intro n. split. apply bound. apply gap. Qed.
`;
export const entry = (id: string, theorem: string, status: string, more: object = {}) => ({
  id,
  name: `name of ${id}`,
  coq_theorem: theorem,
  coq_file: "proofs/Arith.v",
  status,
  ...more,
});
export const band = { runtime_check: { action: "abort", message: "The learning rate leaves its band." } };
export const claims = JSON.stringify(
  {
    invariants: [
      entry("INV-1", "good", "Proven"),
      entry("INV-2", "leaning", "Proven"),
      entry("INV-8", "gap", "Admitted", band),
    ],
  },
  null,
  2,
);
export const race = `[data]
corpus = "demo"

[optimizer]
lr = 0.02  # cites: INV-8
batch = 16
`;
export const loop = "Ltac spin := idtac; spin.\nTheorem good : True. spin. Qed.\n";
export const files = { "assertions/igla_assertions.json": claims, "proofs/Arith.v": arith, "race.igla.toml": race };

export let work: ProofFolder;
export let server: ServerUnderTest;
/** Of every test file that starts a server here: it ends, and leaves neither a process nor a build folder. */
export async function finish(): Promise<void> {
  if (!server.child.killed) {
    expect(await server.close()).toBe(0);
    const build = join(work.cache, "igla/proofs/build");
    expect(existsSync(build) ? readdirSync(build) : []).toEqual([]);
  }
  expect(processesBelow(work.root)).toEqual([]);
  server.connection.dispose();
  work.remove();
}

export async function start(
  given: Readonly<Record<string, string>>,
  settings: { trusted?: boolean; enabled?: boolean } = {},
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  work = new ProofFolder(given);
  server = new ServerUnderTest({ XDG_CACHE_HOME: work.cache, ...env });
  await server.initialize([work.folder], { trusted: true, enabled: true, proverPath: "", ...settings });
}

export const uriOf = (path: string) => pathToFileURL(join(work.folder, path)).href;
export const jsonPath = "assertions/igla_assertions.json";
export const languages: Readonly<Record<string, string>> = { json: "json", v: "plaintext", toml: "igla-toml" };

export async function open(path: string, text = readFileSync(join(work.folder, path), "utf8")): Promise<string> {
  await server.open(uriOf(path), text, languages[path.slice(path.lastIndexOf(".") + 1)]);
  return uriOf(path);
}

export async function change(path: string, version: number, text: string): Promise<void> {
  const textDocument = { uri: uriOf(path), version };
  await server.connection.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
}

export async function save(path: string, text: string): Promise<void> {
  work.write(path, text);
  await server.connection.sendNotification("textDocument/didSave", { textDocument: { uri: uriOf(path) } });
}

/** Of the `nth` occurrence of a text, one character inside. */
export function positionOf(text: string, what: string, nth = 1): Position {
  let at = -1;
  for (let n = 0; n < nth; n++) at = text.indexOf(what, at + 1);
  if (at < 0) throw new Error(`${what} does not occur`);
  const before = text.slice(0, at + 1).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

export const ask = <T>(method: string, uri: string, more: object) =>
  server.connection.sendRequest<T>(method, { textDocument: { uri }, ...more });

export async function hoverText(uri: string, position: Position): Promise<string> {
  const hover = await ask<Hover | null>("textDocument/hover", uri, { position });
  return (hover?.contents as { value: string } | undefined)?.value ?? "";
}

export const all = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };
export const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);
export const textAt = (text: string, { range }: Pick<Diagnostic, "range">) =>
  text.split("\n")[range.start.line]?.slice(range.start.character, range.end.character);
/** Coq has answered about what `claims` cites. */
export const checked = (found: readonly Diagnostic[]) => codes(found).includes("over-claim");
