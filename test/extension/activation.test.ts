/** The built extension, loaded as VS Code loads it: registers all that its manifest promises, starts nothing, is quick. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, expect, test } from "vitest";
import { gateTitles } from "../../daemon/protocol/gates.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bundle = join(root, "dist", "extension.cjs");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

interface Report {
  readonly loadMs: number;
  readonly activateMs: number;
  readonly commands: string[];
  readonly views: string[];
  readonly contexts: Record<string, unknown>;
  readonly messages: unknown[];
  readonly roots: number;
  /** What the Test Explorer holds after activation, and once it is looked at. */
  readonly tests: { readonly before: string[]; readonly after: string[] };
  readonly loaded: string[];
}

let folder = "";
beforeAll(() => {
  execFileSync(process.execPath, [join(root, ".ci", "build.mjs"), "--if-stale"], { stdio: "inherit" });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** In a process of its own: times and loaded modules are those of a first activation. */
function activate(): Report {
  folder = mkdtempSync(join(tmpdir(), "igla-activation-"));
  const script = `
    const Module = require("node:module");
    const { createVscode } = require(${JSON.stringify(join(root, "test/fixtures/vscode.cjs"))});
    const stub = createVscode({ folder: ${JSON.stringify(folder)} });
    const loaded = [];
    const load = Module._load;
    Module._load = (request, ...rest) => {
      loaded.push(request);
      return request === "vscode" ? stub.vscode : load(request, ...rest);
    };
    const memory = { get: () => undefined, update: async () => undefined };
    const context = {
      subscriptions: [],
      extension: { id: "igla.igla" },
      workspaceState: memory,
      extensionUri: stub.vscode.Uri.file(${JSON.stringify(root)}),
      asAbsolutePath: (path) => path,
    };
    const startedAt = performance.now();
    const { activate } = require(${JSON.stringify(bundle)});
    const loadMs = performance.now() - startedAt;
    activate(context);
    const activateMs = performance.now() - startedAt - loadMs;
    setTimeout(async () => {
      const { controller } = stub.tests;
      const before = [...controller.items.keys()];
      await controller.resolveHandler(undefined);
      const gates = controller.items.get("gates")?.children ?? new Map();
      const tests = { before, after: [...controller.items.keys(), ...gates.keys()] };
      const { commands, views, contexts, messages } = stub;
      const roots = views.get("igla.races").provider.getChildren().length;
      for (const part of context.subscriptions) part.dispose();
      process.stdout.write(JSON.stringify({
        loadMs, activateMs, commands: [...commands.keys()], views: [...views.keys()],
        contexts: Object.fromEntries(contexts), messages, roots, loaded, tests,
      }));
    }, 200);`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }));
}

test("every command and view of the manifest is registered, and no command that is not in it", () => {
  const { commands, views } = activate();
  const promised: string[] = manifest.contributes.commands.map(({ command }: { command: string }) => command);
  expect(promised.filter((id) => !commands.includes(id))).toEqual([]);
  // Code lenses call commands of their own, which need no title.
  expect(commands.filter((id) => !promised.includes(id) && !id.startsWith("igla.lens"))).toEqual([]);
  expect(views.sort()).toEqual(manifest.contributes.views.igla.map(({ id }: { id: string }) => id).sort());
});

test("activation registers and does nothing else", () => {
  const { contexts, messages, roots, loaded } = activate();
  expect(messages).toEqual([]);
  expect(roots).toBe(0);
  expect(contexts).toMatchObject({ "igla.daemon": "idle", "igla.hasRaces": false });
  expect(existsSync(join(folder, ".igla"))).toBe(false);
  for (const heavy of ["./language-session.cjs", "node:child_process", "child_process", "https", "http"]) {
    expect(loaded, heavy).not.toContain(heavy);
  }
});

test("the Test Explorer holds nothing before it is looked at, then the gates, for which nothing is run", () => {
  const { tests, loaded } = activate();
  expect(tests.before).toEqual([]);
  expect(tests.after).toEqual(["gates", ...Object.keys(gateTitles).map((id) => `gates/${id}`)]);
  expect(loaded).not.toContain("node:child_process");
  expect(existsSync(join(folder, ".igla"))).toBe(false);
});

test("activation costs little", () => {
  const runs = Array.from({ length: 5 }, () => {
    const report = activate();
    rmSync(folder, { recursive: true, force: true });
    return report;
  });
  // The quickest of several: other programs of the machine only ever add to it.
  const best = runs.sort((a, b) => a.loadMs + a.activateMs - b.loadMs - b.activateMs)[0];
  if (best === undefined) throw new Error("nothing ran");
  const total = best.loadMs + best.activateMs;
  const bytes = statSync(bundle).size;
  const parts = `load ${best.loadMs.toFixed(1)} ms, activate ${best.activateMs.toFixed(1)} ms (best of 5)`;
  console.log(`activation: ${parts}; bundle ${(bytes / 1000).toFixed(0)} kB`);
  expect(bytes).toBeLessThan(500_000);
  expect(total).toBeLessThan(250);
});

test("commands, keys and files that the manifest names exist", () => {
  const { contributes } = manifest;
  const ids = new Set(contributes.commands.map(({ command }: { command: string }) => command));
  const menus = Object.values(contributes.menus).flat() as { command: string; when?: string }[];
  for (const { command } of menus) expect(ids, command).toContain(command);
  for (const { steps } of contributes.walkthroughs) {
    for (const { media } of steps) expect(existsSync(join(root, media.markdown)), media.markdown).toBe(true);
  }
  for (const { command, enablement } of contributes.commands) {
    if (/start|create|pause|resume|stop|restart|sample|export|copyCanon/i.test(command.split(".")[1])) {
      expect(enablement, command).toContain("isWorkspaceTrusted");
    }
  }
});

test("what names a program is machine-wide and restricted, and no file ending is claimed for proofs", () => {
  const { contributes, capabilities } = manifest;
  const restricted: string[] = capabilities.untrustedWorkspaces.restrictedConfigurations;
  expect(contributes.configuration.properties["igla.proofs.proverPath"].scope).toBe("machine");
  for (const key of ["igla.proofs.proverPath", "igla.proofs.check"]) expect(restricted).toContain(key);
  const coq = contributes.languages.find(({ id }: { id: string }) => id === "coq");
  expect(coq).toBeDefined();
  expect(Object.keys(coq)).not.toContain("extensions");
  expect(Object.keys(coq)).not.toContain("filenamePatterns");
  const grammar = contributes.grammars.find(({ language }: { language: string }) => language === "coq");
  const { scopeName } = JSON.parse(readFileSync(join(root, grammar.path), "utf8"));
  expect(grammar.scopeName).toBe(scopeName);
});

test("a word of Coq is a name with its letters, digits and primes, as VS Code compiles the pattern", () => {
  const { wordPattern } = JSON.parse(readFileSync(join(root, "syntaxes/coq.language-configuration.json"), "utf8"));
  // A pattern that is a string is compiled without flags.
  const pattern = new RegExp(wordPattern.pattern ?? wordPattern, `${wordPattern.flags ?? ""}g`);
  expect("Lemma φ_pos' : Rle_1 0 φ.".match(pattern)).toEqual(["Lemma", "φ_pos'", "Rle_1", "φ"]);
});
