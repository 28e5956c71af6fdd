/** Every feature at every keystroke: a file is typed from its first character to its last. */
import { expect, test } from "vitest";
import { starterRaceFile } from "../../daemon/config/defaults.ts";
import { uniformStream } from "../../daemon/engine/random/philox.ts";
import { leverPlaces } from "../../daemon/lsp/levers/places.ts";
import { standings } from "../../daemon/lsp/levers/standing.ts";
import { switchOff } from "../../daemon/lsp/levers/switch-off.ts";
import { complete } from "../../daemon/lsp/race-file/completion.ts";
import { diagnose } from "../../daemon/lsp/race-file/diagnostics.ts";
import { codeActions } from "../../daemon/lsp/race-file/fixes.ts";
import { hoverAt } from "../../daemon/lsp/race-file/hover.ts";
import { outline } from "../../daemon/lsp/race-file/outline.ts";
import { documentOf } from "./marked.ts";

const source = `${starterRaceFile}
[levers.swiglu]
hidden_fraction = 1.5
[space.model]
width = { choice = [64, 128] }
text = """
a = [ {
""" # '''
`;

/** Everything that an editor may ask; ranges lie in the text and in order. */
function askAll(text: string, offset: number): void {
  // Editors know no place behind a CR: it is the first half of a line's end.
  if (text.charAt(offset - 1) === "\r") return;
  const document = documentOf(text);
  const lines = text.split("\n").length;
  const inside = ({ start, end }: { start: { line: number; character: number }; end: typeof start }) => {
    expect(end.line).toBeLessThan(lines);
    expect(start.line < end.line || (start.line === end.line && start.character <= end.character)).toBe(true);
  };
  for (const { textEdit } of complete(document, offset, true)) {
    if (textEdit === undefined || !("range" in textEdit)) throw new Error("no edit");
    inside(textEdit.range);
    expect(document.offsetAt(textEdit.range.start)).toBeLessThanOrEqual(offset);
    expect(document.offsetAt(textEdit.range.end)).toBeGreaterThanOrEqual(offset);
    expect(textEdit.range.start.line, "an editor's completion stays in its line").toBe(textEdit.range.end.line);
  }
  const hover = hoverAt(text, offset);
  if (hover) expect(text.slice(hover.from, hover.to)).not.toBe("");
  for (const { from, to } of leverPlaces(text)) {
    inside({ start: document.positionAt(from), end: document.positionAt(to) });
    expect(text.slice(from, to)).not.toBe("");
  }
  for (const { range, selectionRange, children } of outline(text, (at) => document.positionAt(at))) {
    for (const part of [range, selectionRange, ...(children ?? []).map((child) => child.range)]) inside(part);
    expect(document.offsetAt(selectionRange.start)).toBeGreaterThanOrEqual(document.offsetAt(range.start));
    expect(document.offsetAt(selectionRange.end)).toBeLessThanOrEqual(document.offsetAt(range.end));
  }
}

function askFixes(text: string): void {
  const document = documentOf(text);
  standings({ path: "/w/f.igla.toml", text }, []);
  for (const { id } of leverPlaces(text)) {
    let end = 0;
    for (const { from, to } of switchOff(text, id) ?? []) {
      expect(from).toBeGreaterThanOrEqual(end);
      expect(to).toBeGreaterThan(from);
      end = to;
    }
    expect(end).toBeLessThanOrEqual(text.length);
  }
  for (const { edit } of codeActions(document, diagnose(text, "f.igla.toml"))) {
    for (const { range } of edit?.changes?.[document.uri] ?? []) {
      expect(document.offsetAt(range.start)).toBeLessThanOrEqual(document.offsetAt(range.end));
    }
  }
}

test("a file that is cut off anywhere", () => {
  for (let end = 0; end <= source.length; end++) {
    const text = source.slice(0, end);
    askAll(text, end);
    if (end % 5 === 0) askFixes(text);
  }
});

test("any place of the whole file, and of a file with CRLF", () => {
  for (const text of [source, source.replaceAll("\n", "\r\n")]) {
    for (let offset = 0; offset <= text.length; offset += 3) {
      askAll(text, offset);
    }
  }
});

test("a file with a scrap anywhere", () => {
  const scraps = [
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "=",
    ",",
    "#",
    ".",
    "\n",
    "\r",
    '"""',
    "'''",
    "[[",
    " = ",
    "😀",
    "\0",
    "\\",
  ];
  const random = uniformStream(7, 1);
  for (let round = 0; round < 400; round++) {
    const at = Math.floor(random() * source.length);
    const scrap = scraps[round % scraps.length] ?? "";
    const cut = random() < 0.3 ? Math.floor(random() * 40) : 0;
    const text = source.slice(0, at) + scrap + source.slice(at + cut);
    askAll(text, at + scrap.length);
    askAll(text, Math.floor(random() * text.length));
    if (round % 4 === 0) askFixes(text);
  }
});
