/** Reads a package back as an installer would, and says everything that is wrong with it. */
import { isNative, type Target } from "./targets.ts";
import { readZip, type ZipFile } from "./zip.ts";

const SIZE_LIMIT_BYTES = 40_000_000;
/** First bytes of a native file, by the start of the target's name. */
const magic: Readonly<Record<string, readonly string[]>> = {
  linux: ["7f454c46"],
  // Mach-O for one architecture or several.
  darwin: ["cffaedfe", "cafebabe"],
  win32: ["4d5a"],
};

/** Findings, none when the package is sound. @throws {Error} when the archive itself is damaged */
export function checkVsix(archive: Buffer, target: Target): string[] {
  const findings = checkFiles(readZip(archive), target);
  if (archive.length >= SIZE_LIMIT_BYTES) findings.push(`${archive.length} bytes are more than ${SIZE_LIMIT_BYTES}`);
  return findings;
}

export function checkFiles(list: readonly ZipFile[], target: Target): string[] {
  const files = new Map(list.map(({ path, bytes }) => [path, bytes]));
  const text = (path: string) => Buffer.from(files.get(path) ?? []).toString("utf8");
  const findings: string[] = [];
  const platform = /TargetPlatform="([^"]*)"/.exec(text("extension.vsixmanifest"))?.[1];
  if (platform !== target.name) findings.push(`TargetPlatform is ${platform} instead of ${target.name}`);
  findings.push(...nativeFindings(files, target));
  for (const path of files.keys()) if (path.endsWith(".map")) findings.push(`${path}: a source map`);
  const needed = ["README.md", "CHANGELOG.md", "LICENSE.txt", "dist/lib.dom.d.ts", "dist/daemon.js", "dist/trainer.js"];
  for (const path of [...needed, ...namedPaths(text("extension/package.json"))]) {
    const there =
      files.has(`extension/${path}`) || [...files.keys()].some((key) => key.startsWith(`extension/${path}/`));
    if (!there) findings.push(`${path} is missing`);
  }
  return findings;
}

function nativeFindings(files: ReadonlyMap<string, Uint8Array>, target: Target): string[] {
  const wanted = target.nativeFiles.map((path) => `extension/${path}`);
  const kinds = magic[target.name.split("-")[0] ?? ""] ?? [];
  return [
    ...wanted.filter((path) => !files.has(path)).map((path) => `${path} is missing`),
    ...[...files].flatMap(([path, bytes]) => {
      if (!isNative(path)) return [];
      if (!wanted.includes(path)) return [`${path} does not belong to ${target.name}`];
      const start = Buffer.from(bytes.subarray(0, 4)).toString("hex");
      return kinds.some((kind) => start.startsWith(kind)) ? [] : [`${path} begins with ${start}`];
    }),
  ];
}

/** Files that package.json names: entry point, icons, grammars, pictures of the walkthrough. */
function namedPaths(manifest: string): string[] {
  const { main, icon, l10n, contributes } = JSON.parse(manifest || "{}") as Record<string, unknown>;
  const named: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "string" && /^(\.\/|(dist|media|syntaxes|extension)\/)/.test(value)) named.push(value);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit([main, icon, l10n, contributes]);
  return named.map((path) => path.replace(/^\.\//, "").split("#")[0] ?? path);
}
