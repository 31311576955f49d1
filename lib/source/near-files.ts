/**
 * Where relative imports lead whose file lies just there: each folder is listed once, where a resolver asks the kernel
 * for every candidate. Whatever is not that simple (a folder's index, a link, a query, nothing) is left to the resolver.
 */
import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { remember } from "./remember.ts";

export interface FileRules {
  /** Tried one after another behind a name. */
  readonly extensions: readonly string[];
  /** What is tried instead of an extension. */
  readonly extensionAlias: Readonly<Record<string, readonly string[]>>;
}

/** The paths of a folder's entries by their names. Null: it may not be a file. */
type Listing = ReadonlyMap<string, string | null>;

/** The path of the file that a specifier leads to, or null: ask the resolver. */
type FindNear = (specifier: string) => string | null;

/** Answers what finds files from a folder, which is given by its real path. */
export function createNearFiles(rules: FileRules): (folder: string) => FindNear {
  const endingsOf = createEndings(rules);
  const listings = new Map<string, Listing>();
  return (from) => {
    const listingsByWay = new Map<string, Listing>();
    const list = (way: string) => remember(listings, join(from, way), listFiles);
    return (specifier) => {
      // no name of a file: `..`, `./a/`, `./a.svg?raw`
      if (!/^\.\.?\/[^?#\\]*[^/.]$/.test(specifier)) return null;
      const cut = specifier.lastIndexOf("/");
      const listing = remember(listingsByWay, specifier.slice(0, cut), list);
      const { stem, endings } = endingsOf(specifier.slice(cut + 1));
      const ending = endings.find((one) => listing.has(stem + one));
      return ending === undefined ? null : (listing.get(stem + ending) ?? null);
    };
  };
}

/** Answers what is tried behind which part of a name, one after another. */
function createEndings({ extensions, extensionAlias }: FileRules) {
  const added = ["", ...extensions];
  return (name: string): { readonly stem: string; readonly endings: readonly string[] } => {
    const extension = /\.[^.]*$/.exec(name)?.[0] ?? "";
    const aliases = extensionAlias[extension];
    return aliases
      ? { stem: name.slice(0, -extension.length), endings: aliases }
      : { stem: name, endings: added };
  };
}

/** Empty where a link leads to the folder: files there have other paths. */
function listFiles(folder: string): Listing {
  try {
    if (realpathSync(folder) !== folder) return new Map();
    const entries = readdirSync(folder, { withFileTypes: true }).filter((one) => !one.isDirectory());
    return new Map(entries.map((one) => [one.name, one.isFile() ? `${folder}/${one.name}` : null]));
  } catch {
    return new Map();
  }
}
