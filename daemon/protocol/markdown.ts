/** Text of files and errors in Markdown that daemon and editor show. */

/** On one line; nothing of it may become a link, an image, a command or an icon. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]()#+\-.!<>|~$&]/g, (char) => `\\${char}`);
}

/** A name as inline code. */
export function codeName(name: string): string {
  return `\`${name.replaceAll("`", "'")}\``;
}

/** A statement, coloured as Coq. */
export function coqBlock(statement: string): string {
  return `\`\`\`coq\n${statement.replaceAll("```", "'''")}\n\`\`\``;
}
