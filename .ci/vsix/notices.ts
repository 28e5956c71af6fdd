/** Licences of the libraries inside the bundles. Source maps say which those are. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function notices(root: string): string {
  const texts = bundledPackages(root).map((name) => {
    const { version, license } = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as {
      version: string;
      license?: string;
    };
    return `${name} ${version} (${license ?? "see below"})\n\n${licenceText(join(root, "node_modules", name)).trim()}\n`;
  });
  const grammar = `Coq grammar (dist/coq.tmLanguage.json)\n\n${grammarLicence(root)}\n`;
  const head =
    "Igla contains the libraries below. TypeScript's lib.dom.d.ts carries its own licence in its first lines.\n";
  return [head, ...texts, grammar].join(`\n${"-".repeat(80)}\n\n`);
}

/** Names of packages, from the paths in the source maps of `dist/`. */
function bundledPackages(root: string): string[] {
  const dist = join(root, "dist");
  const names = readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".map"))
    .flatMap((path) => (JSON.parse(readFileSync(join(dist, path), "utf8")) as { sources: string[] }).sources)
    .flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []);
  return [...new Set(names)].filter((name) => existsSync(join(root, "node_modules", name))).toSorted();
}

/** The part of the grammar collection's notice that is about Coq. @throws {Error} there is none: it must not travel */
function grammarLicence(root: string): string {
  const notice = readFileSync(join(root, "node_modules/tm-grammars/NOTICE"), "utf8");
  const part = notice.split(/^={20,}$/m).find((text) => /^Files:.*\bcoq\.json\b/m.test(text));
  if (part === undefined) throw new Error("tm-grammars says nothing of the licence of its Coq grammar");
  return part.trim();
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined ? "The package holds no licence text." : readFileSync(join(folder, file), "utf8");
}
