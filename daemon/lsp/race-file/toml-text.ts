/** Values as TOML. */

/** Numbers carry 6 significant digits, as those that a sampler draws. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  return JSON.stringify(value) ?? "";
}
