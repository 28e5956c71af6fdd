/** How a command is written so that the reader can type it as it stands. */

/** A path or name as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What npm tells a script that it runs. */
export interface NpmEnvironment {
  readonly npm_package_name?: string | undefined;
  readonly npm_lifecycle_event?: string | undefined;
}

/**
 * Texts name commands as `igla status`, in backticks. Who started Igla by `npm start` or `npm run igla --` has no `igla`
 * on the path, and reads `npm run -s igla -- status`.
 */
export function commandSpeller(env: NpmEnvironment): (text: string) => string {
  const byNpm = env.npm_package_name === "igla" && ["igla", "start"].includes(env.npm_lifecycle_event ?? "");
  return byNpm ? (text) => text.replaceAll(/`igla (?=[^`\n]*`)/g, "`npm run -s igla -- ") : (text) => text;
}
