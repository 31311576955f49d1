/**
 * Where relative imports lead whose file lies just there: each folder is listed once, where a resolver asks the kernel
 * for every candidate. Whatever is not that simple (a folder's index, a link, a query, nothing) is left to the resolver.
 */
import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

export interface FileRules {
  /** Tried one after another behind a name. */
  readonly extensions: readonly string[];
  /** What is tried instead of an extension. */
  readonly extensionAlias: Readonly<Record<string, readonly string[]>>;
}

/** Whether the entry of a folder is a file, for sure. */
type Listing = ReadonlyMap<string, boolean>;

/** Answers the path of the file that a specifier leads to from a folder (its real path), or null: ask the resolver. */
export function createNearFiles(rules: FileRules): (folder: string, specifier: string) => string | null {
  const listings = new Map<string, Listing>();
  const listOnce = (folder: string) => {
    const known = listings.get(folder) ?? listFiles(folder);
    listings.set(folder, known);
    return known;
  };
  return (from, specifier) => {
    // no name of a file: `..`, `./a/`, `./a.svg?raw`
    if (!/^\.\.?\/[^?#\\]*[^/.]$/.test(specifier)) return null;
    const path = join(from, specifier);
    const cut = path.lastIndexOf("/");
    const folder = path.slice(0, cut);
    const listing = listOnce(folder);
    const name = candidatesFor(path.slice(cut + 1), rules).find((one) => listing.has(one));
    return name !== undefined && listing.get(name) ? `${folder}/${name}` : null;
  };
}

function candidatesFor(name: string, { extensions, extensionAlias }: FileRules): readonly string[] {
  const extension = /\.[^.]*$/.exec(name)?.[0] ?? "";
  const aliases = extensionAlias[extension];
  if (aliases) return aliases.map((alias) => name.slice(0, -extension.length) + alias);
  return [name, ...extensions.map((one) => name + one)];
}

/** Empty where a link leads to the folder: files there have other paths. */
function listFiles(folder: string): Listing {
  try {
    if (realpathSync(folder) !== folder) return new Map();
    const entries = readdirSync(folder, { withFileTypes: true });
    return new Map(
      entries.filter((one) => !one.isDirectory()).map((one) => [one.name, one.isFile()] as const),
    );
  } catch {
    return new Map();
  }
}
