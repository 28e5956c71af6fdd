/**
 * Sentences that reach out of the prover: they write files, load code or read other files. A file with one is not run.
 * This is courtesy to the reader, who learns why; the protection is the process's own limits.
 */
import { type Command, tokenText } from "./command.ts";

/** Why the sentence may not run; null: it may. */
export function whyUnsafe(command: Command): string | null {
  if (command.prefixes.has("Redirect")) return "Redirect writes a file.";
  const { text, tokens, word } = command;
  const second = tokenText(text, tokens[1]);
  const third = tokenText(text, tokens[2]);
  switch (word) {
    case "Extraction":
    case "Recursive":
    case "Separate":
      return whyUnsafeExtraction(command, second);
    case "Cd":
      return "Cd changes the folder that later sentences write to.";
    case "Load":
      return "Load runs another file in the middle of this one.";
    case "Drop":
      return "Drop leaves Coq for OCaml.";
    case "Declare":
      return second === "ML" ? "Declare ML Module loads native code." : null;
    case "Add":
    case "Remove":
      return second === "LoadPath" || third === "LoadPath" || second === "ML"
        ? `${word} LoadPath changes where files are found.`
        : null;
    case "Print":
      return tokens.some((token) => token.kind === "string") && (second === "Universes" || third === "Universes")
        ? "Print Universes with a file name writes a file."
        : null;
    default:
      return null;
  }
}

function whyUnsafeExtraction(command: Command, second: string): string | null {
  if (command.word === "Separate") return "Separate Extraction writes files.";
  if (command.word === "Recursive" && second !== "Extraction") return null;
  if (second === "TestCompile") return "Extraction TestCompile runs a compiler.";
  const library = second === "Library" || tokenText(command.text, command.tokens[2]) === "Library";
  const named = command.tokens.some((token) => token.kind === "string");
  const setting = ["Language", "Inline", "NoInline", "Implicit", "Blacklist", "Optimize"].includes(second);
  return library || (named && !setting) ? "Extraction writes files." : null;
}
