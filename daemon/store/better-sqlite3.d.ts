/** The part of better-sqlite3 (which ships no types) that the store uses. */
declare module "better-sqlite3" {
  interface Statement {
    readonly reader: boolean;
    all(parameters: readonly unknown[]): unknown[];
    run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
    iterate(parameters: readonly unknown[]): IterableIterator<unknown>;
  }
  class Database {
    /** `file`: a path, or the bytes of a whole database. */
    constructor(
      file: string | Buffer,
      options?: { readonly timeout?: number; readonly readonly?: boolean; readonly fileMustExist?: boolean },
    );
    prepare(sql: string): Statement;
    exec(sql: string): this;
    readonly open: boolean;
    readonly inTransaction: boolean;
    /** With `simple`, the first column of the first row. */
    pragma(text: string, options?: { readonly simple?: boolean }): unknown;
    close(): void;
  }
  // biome-ignore lint/style/noDefaultExport: the package's own shape
  export default Database;
}

declare module "*.sql" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what the bundler's text loader makes
  export default text;
}
