/**
 * Builds and checks the extension's packages: `npm run package [-- TARGET... | --all] [--out FOLDER]`.
 * Default: the package of this platform, into the checkout. Works without network; `vsce publish --packagePath` takes
 * the result.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./toolchain.mjs";
import { checkVsix } from "./vsix/check.ts";
import { readManifest, vsixFiles } from "./vsix/contents.ts";
import { targets } from "./vsix/targets.ts";
import { writeZip } from "./vsix/zip.ts";

function fail(message) {
  console.error(`npm run package: ${message}`);
  process.exit(1);
}

function chosenTargets(names, all) {
  if (all) return targets;
  const wanted = names.length > 0 ? names : [`${process.platform}-${process.arch}`];
  return wanted.map((name) => {
    const target = targets.find((one) => one.name === name);
    return target ?? fail(`unknown target ${name}; there are ${targets.map((one) => one.name).join(", ")}`);
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean", default: false }, out: { type: "string", default: root } },
});
const chosen = chosenTargets(positionals, values.all);
const build = spawnSync(process.execPath, [join(root, ".ci", "build.mjs"), "--if-stale"], { stdio: "inherit" });
if (build.status !== 0) fail("the build failed");

const { name, version } = readManifest(root);
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
for (const target of chosen) {
  const file = join(out, `${name}-${target.name}-${version}.vsix`);
  writeFileSync(file, writeZip(vsixFiles(root, target)));
  const archive = readFileSync(file);
  const findings = checkVsix(archive, target);
  if (findings.length > 0) fail(`${file} is not sound:\n  ${findings.join("\n  ")}`);
  console.log(`${(archive.length / 1e6).toFixed(1).padStart(5)} MB  ${file}`);
}
