/** What is known of one import: what it asks for, where it stands, and when it is carried out. */

/**
 * `load`: when its module is loaded. `deferred`: when a function is called, or a promise awaited later. `type`: never, as
 * it names types alone.
 */
export type When = "load" | "deferred" | "type";

export interface Import {
  /** As it is written: "./a.js", "..a.b". */
  readonly specifier: string;
  /** Of Python's `from a import b`: what may be modules themselves, "b". */
  readonly names?: readonly string[];
  /** From 1. */
  readonly line: number;
  readonly when: When;
  /** Inside an `if`, a `try` or the like: it may never be carried out. */
  readonly conditional: boolean;
  /** `require` is resolved by other conditions of a package's exports than `import`. */
  readonly by: "import" | "require";
}

/** An import before its line is known. */
export type Found = Omit<Import, "line"> & { readonly offset: number };

/** What a file says of itself, or what is wrong with it, as the end of a sentence. */
export type Parsed = { readonly imports: readonly Import[] } | { readonly wrong: string };

/** Where an import leads: to files of any project, to something that is no file (a built-in), or nowhere. */
export type Destination =
  | { readonly files: readonly string[] }
  | { readonly outside: true }
  | { readonly missing: string };

/** Answers where the imports of one file lead. */
export type ResolveFrom = (from: string) => (one: Import) => Destination;

/** A language whose imports can be read. Nothing in it is carried out. */
export interface Language {
  /** What its source files are called. */
  readonly files: RegExp;
  /** A parser is loaded where there is something for it to read. */
  loadParser(): Promise<(path: string, text: string) => Parsed>;
  /** `root`: the project's folder. It remembers what it found, so it lives no longer than one reading. */
  createResolver(root: string): ResolveFrom;
}
