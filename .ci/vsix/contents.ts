/** Which files of the checkout travel in a package. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { contentTypes, type ExtensionManifest, travellingManifest, vsixManifest } from "./manifest.ts";
import { notices } from "./notices.ts";
import type { Target } from "./targets.ts";
import type { ZipFile } from "./zip.ts";

/** Whole folders that travel; `dist/` without source maps and the build's own marks. */
const folders = ["dist", "media", "syntaxes"];
/** What has a native part cannot be bundled (.ci/build.mjs) and travels as a package, with these of its files. */
const packages: Readonly<Record<string, RegExp>> = {
  "better-sqlite3": /^(LICENSE|lib\/.*\.js)$/,
  webgpu: /^(LICENSE\.md|index\.js|dist\/win32-x64\/dxcompiler-.*)$/,
};

export function readManifest(root: string): ExtensionManifest {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Partial<ExtensionManifest>;
  for (const key of ["publisher", "main", "displayName", "description", "engines"] as const) {
    if (manifest[key] === undefined) throw new Error(`package.json has no "${key}": this is not an extension yet`);
  }
  if (manifest.engines?.vscode === undefined) throw new Error('package.json has no "engines.vscode"');
  return manifest as ExtensionManifest;
}

/** Everything in the archive, in a fixed order. Run the build first. */
export function vsixFiles(root: string, target: Target): ZipFile[] {
  const manifest = readManifest(root);
  const files = extensionFiles(root, manifest, target).map(({ path, bytes }) => ({ path: `extension/${path}`, bytes }));
  const strings = JSON.parse(textOr(root, "package.nls.json", "{}")) as Record<string, string>;
  const languages = readdirSync(root).flatMap((name) => /^package\.nls\.(.+)\.json$/.exec(name)?.[1] ?? []);
  const head = vsixManifest({ manifest, strings, target: target.name, languages });
  const types = contentTypes([".vsixmanifest", ...files.map(({ path }) => extname(path)).filter(Boolean)]);
  return [
    { path: "extension.vsixmanifest", bytes: Buffer.from(head) },
    { path: "[Content_Types].xml", bytes: Buffer.from(types) },
    ...files,
  ];
}

function extensionFiles(root: string, manifest: ExtensionManifest, target: Target): ZipFile[] {
  const copy = (path: string, as = path): ZipFile => ({ path: as, bytes: readFileSync(join(root, path)) });
  const travelling = JSON.stringify(travellingManifest(manifest, Object.keys(packages)), null, 2);
  const l10n = manifest.l10n === undefined ? [] : [manifest.l10n.replace(/^\.\//, "")];
  const paths = [
    ...readdirSync(root).filter((name) => /^package\.nls(\..+)?\.json$/.test(name)),
    ...[...folders, ...l10n].flatMap((folder) => below(root, folder)).filter(travels),
  ];
  return [
    { path: "package.json", bytes: Buffer.from(`${travelling}\n`) },
    copy("README.md"),
    copy("CHANGELOG.md"),
    copy("LICENSE", "LICENSE.txt"),
    { path: "THIRD-PARTY-NOTICES.txt", bytes: Buffer.from(notices(root)) },
    ...[...new Set(paths)].toSorted().map((path) => copy(path)),
    ...Object.keys(packages).flatMap((name) => packageFiles(root, name, target)),
  ];
}

function travels(path: string): boolean {
  return !path.endsWith(".map") && path !== "dist/.built";
}

function packageFiles(root: string, name: string, target: Target): ZipFile[] {
  const folder = `node_modules/${name}`;
  const wanted = (path: string) => {
    const inside = path.slice(folder.length + 1);
    // Licences of libraries lie beside them.
    const beside = inside.startsWith("dist/") && !target.nativeFiles.some((file) => file.startsWith(dirOf(path)));
    return target.nativeFiles.includes(path) || (packages[name]?.test(inside) === true && !beside);
  };
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<string, unknown>;
  const kept = ["name", "version", "license", "type", "main", "exports"].filter((key) => key in manifest);
  const short = Object.fromEntries(kept.map((key) => [key, manifest[key]]));
  return [
    { path: `${folder}/package.json`, bytes: Buffer.from(`${JSON.stringify(short, null, 2)}\n`) },
    ...below(root, folder)
      .filter(wanted)
      .map((path) => ({ path, bytes: readFileSync(join(root, path)) })),
  ];
}

const dirOf = (path: string) => path.slice(0, path.lastIndexOf("/") + 1);

/** Files below a folder, relative to `root`, sorted; none where the folder does not exist. */
function below(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .toSorted();
}

function textOr(root: string, path: string, otherwise: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : otherwise;
}
