/** Text of files in Markdown. */

export function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

export function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** A bracket would end the link. */
export function linkable(url: string): string {
  return url.replaceAll("(", "%28").replaceAll(")", "%29");
}

/** Text of a file in Markdown: nothing of it may become a link, an image or a command. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]()#+\-.!<>|~$]/g, (char) => `\\${char}`);
}
