/** Whatever the editor says, it says in Russian too. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { errorTable } from "../../daemon/protocol/errors.ts";
import { gateTitles } from "../../daemon/protocol/gates.ts";
import { englishStrings } from "../../extension/webview/chart/strings.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const readJson = (path: string) => JSON.parse(read(path)) as Record<string, string>;

/** First arguments of `t("...")` and `l10n.t("...")`. */
function usedMessages(): string[] {
  const folder = new URL("extension/", root);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) =>
    [...readFileSync(new URL(file, folder), "utf8").matchAll(/\bt\(\s*("(?:[^"\\\n]|\\.)*")/g)].map(
      ([, literal]) => JSON.parse(literal ?? "") as string,
    ),
  );
}

/** They translate the tables that the first test reads. */
const tableReaders = ["failure.ts", "chart-page.ts"];

const holes = (text: string) => [...text.matchAll(/\{\d+\}/g)].map(([hole]) => hole).sort();

test("each message of the sources has a Russian text with the same arguments, and no text is left over", () => {
  const bundle = readJson("extension/l10n/bundle.l10n.ru.json");
  const messages = Object.values(errorTable).map(({ message }) => message);
  const tables = [...messages, ...Object.values(englishStrings), ...Object.values(gateTitles)];
  const used = new Set([...usedMessages(), ...tables]);
  expect(used.size).toBeGreaterThan(60);
  expect([...used].filter((message) => !Object.hasOwn(bundle, message))).toEqual([]);
  expect(Object.keys(bundle).filter((message) => !used.has(message))).toEqual([]);
  for (const [message, russian] of Object.entries(bundle)) expect(holes(russian), message).toEqual(holes(message));
});

test("messages are literals, so that none escapes this test", () => {
  const folder = fileURLToPath(new URL("extension/", root));
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || tableReaders.some((name) => file.endsWith(name))) continue;
    expect(readFileSync(`${folder}${file}`, "utf8"), file).not.toMatch(/l10n\.t\(\s*[^"\s)]/);
  }
});

test("each text of the manifest exists in English and Russian", () => {
  const used = [...new Set([...read("package.json").matchAll(/"%([\w.-]+)%"/g)].map(([, key]) => key ?? ""))].sort();
  expect(Object.keys(readJson("package.nls.json")).sort()).toEqual(used);
  expect(Object.keys(readJson("package.nls.ru.json")).sort()).toEqual(used);
  for (const text of Object.values(readJson("package.nls.ru.json"))) expect(text).toMatch(/[а-яё]/i);
});

test("both languages link to the same commands", () => {
  const [english, russian] = [readJson("package.nls.json"), readJson("package.nls.ru.json")];
  const links = (text = "") => [...text.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id);
  for (const [key, text] of Object.entries(english)) expect(links(russian[key]), key).toEqual(links(text));
});
