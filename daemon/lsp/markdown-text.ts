/** Markdown of the language server's hovers. */

export function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

/** A bracket would end the link. */
export function linkable(url: string): string {
  return url.replaceAll("(", "%28").replaceAll(")", "%29");
}
