import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The bundler's text imports (`.wgsl`, `.sql`, `.toml`), for tests that import sources. */
const textImports = {
  name: "igla-text-imports",
  enforce: "pre" as const,
  load(id: string) {
    const path = id.split("?")[0] ?? id;
    if (!/\.(wgsl|sql|toml)$/.test(path)) return null;
    return `export default ${JSON.stringify(readFileSync(path, "utf8"))};`;
  },
};

export default defineConfig({
  plugins: [textImports],
  define: { IGLA_VERSION: JSON.stringify("test"), IGLA_SOURCES: JSON.stringify("7e57".repeat(16)) },
  test: {
    include: ["test/**/*.test.ts"],
    // Two workers on two cores: the CPU engine's own threads share them.
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
