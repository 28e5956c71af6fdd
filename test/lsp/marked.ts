/** Race files with the cursor written into them. */
import { TextDocument } from "vscode-languageserver-textdocument";

/** `^` marks the cursor; it is taken out of the text. */
export function marked(source: string): { readonly text: string; readonly offset: number } {
  const offset = source.indexOf("^");
  if (offset < 0) throw new Error(`no cursor in ${JSON.stringify(source)}`);
  return { text: source.slice(0, offset) + source.slice(offset + 1), offset };
}

export function documentOf(text: string): TextDocument {
  return TextDocument.create("file:///w/a.igla.toml", "igla-toml", 1, text);
}
