import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFiles } from "../../.ci/vsix/check.ts";
import { targets } from "../../.ci/vsix/targets.ts";
import { readZip, writeZip, type ZipFile } from "../../.ci/vsix/zip.ts";
import { packageExtension } from "./bench.ts";

describe("the zip writer", () => {
  const files: ZipFile[] = [
    { path: "a.txt", bytes: Buffer.from("needle ".repeat(1000)) },
    { path: "игла/empty.bin", bytes: Buffer.alloc(0) },
  ];

  it("gives back what was put in", () => {
    expect(readZip(writeZip(files)).map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual(
      files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
    );
  });

  it("writes the same archive twice", () => {
    expect(writeZip(files).equals(writeZip(files))).toBe(true);
  });

  it("notices a damaged archive", () => {
    const archive = writeZip(files);
    const central = archive.indexOf("PK\x01\x02");
    archive.writeUInt8(archive.readUInt8(central + 16) ^ 1, central + 16);
    expect(() => readZip(archive)).toThrow("a.txt: damaged");
    expect(() => readZip(archive.subarray(0, 10))).toThrow("no end record");
  });
});

const here = targets.find((target) => target.name === `${process.platform}-${process.arch}`);

describe.skipIf(here === undefined)("the package of this platform", () => {
  const target = here ?? (targets[0] as (typeof targets)[number]);
  const folder = mkdtempSync(join(tmpdir(), "igla-package-"));
  let files: ZipFile[];
  beforeAll(async () => {
    files = readZip(readFileSync(await packageExtension(folder)));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const check = (changed: readonly ZipFile[]) => checkFiles(changed, target);
  const without = (path: string) => files.filter((file) => file.path !== `extension/${path}`);
  const native = target.nativeFiles[0] as string;

  it("is sound", () => {
    expect(check(files)).toEqual([]);
  });

  it("holds no tests, no sources and nothing of the checkout in its package.json", () => {
    const sources = files.filter(({ path }) => /\.tsx?$/.test(path) && !path.endsWith("dist/lib.dom.d.ts"));
    expect(sources.map(({ path }) => path)).toEqual([]);
    const manifest = files.find(({ path }) => path === "extension/package.json")?.bytes ?? Buffer.alloc(0);
    const { devDependencies, scripts, dependencies } = JSON.parse(Buffer.from(manifest).toString());
    expect([devDependencies, scripts]).toEqual([undefined, undefined]);
    expect(Object.keys(dependencies)).toEqual(["better-sqlite3", "webgpu"]);
  });

  const other = targets.find((one) => one.name !== target.name) as (typeof targets)[number];
  it.each<[title: string, plant: () => ZipFile[], finding: RegExp]>([
    ["a missing native file", () => without(native), /is missing/],
    [
      "another platform's native file",
      () => [...files, { path: `extension/${other.nativeFiles[0]}`, bytes: Buffer.from("x") }],
      /does not belong to/,
    ],
    [
      "another platform's bytes under the right name",
      () => [...without(native), { path: `extension/${native}`, bytes: Buffer.from("MZ\u0090") }],
      /begins with/,
    ],
    ["a source map", () => [...files, { path: "extension/dist/igla.js.map", bytes: Buffer.from("{}") }], /source map/],
    ["a missing entry point", () => without("dist/extension.cjs"), /dist\/extension.cjs is missing/],
    ["a missing stand-in text", () => without("dist/lib.dom.d.ts"), /lib.dom.d.ts is missing/],
  ])("%s is noticed", (_, plant, finding) => {
    const findings = check(plant());
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });

  it("the package of another platform is noticed", () => {
    expect(checkFiles(files, other).join("\n")).toContain(`TargetPlatform is ${target.name}`);
  });
});
