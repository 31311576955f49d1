/** Where an import of Python leads: the module, and the packages around it that are loaded first. */
import { realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { ResolveFrom } from "./import.ts";
import { remember } from "./remember.ts";

/** Whether a path is a file, answered from the disk once. */
type IsFile = (path: string) => boolean;

/**
 * Absolute names are looked for in the project's folder, in its `src`, and beside it where it is a package itself. The
 * packages around an importing module are being loaded already: an import leads to them only where it names them.
 */
export function createResolver(root: string): ResolveFrom {
  const isFile = rememberFiles();
  const roots = [outermost(root, isFile), join(root, "src")];
  return (from) =>
    ({ specifier, names = [] }) => {
      const paths = specifier.startsWith(".")
        ? [relativeTo(from, specifier)]
        : roots.map((folder) => join(folder, ...specifier.split(".")));
      for (const path of paths) {
        const loaded = [...modulesOf(path, names, isFile)].filter((file) => file !== from);
        const isNew = (file: string) => !from.startsWith(dirname(file) + sep);
        const around = packagesAround(path, isFile).filter(isNew);
        // a linked module is known by its real path
        if (loaded.length > 0)
          return { files: [...new Set([...around, ...loaded])].map((file) => realpathSync(file)) };
        // nothing but itself: `from . import name` in a package's own file
        if (moduleAt(path, isFile) === from) return { files: [] };
      }
      // not ours to know: the standard library, what is installed, or a folder without modules
      return specifier.startsWith(".") ? { missing: `no module ${specifier}` } : { outside: true };
    };
}

/** Each dot but the first is a folder up. */
function relativeTo(from: string, specifier: string): string {
  const dots = /^\.+/.exec(specifier)?.[0].length ?? 0;
  const up = Array.from({ length: dots - 1 }, () => "..");
  return join(dirname(from), ...up, ...specifier.slice(dots).split("."));
}

function moduleAt(path: string, isFile: IsFile): string | null {
  return [join(path, "__init__.py"), `${path}.py`].find(isFile) ?? null;
}

/** Names that are modules themselves; and where others are asked of it, or none, the module too. */
function* modulesOf(path: string, names: readonly string[], isFile: IsFile): Generator<string> {
  const itself = moduleAt(path, isFile);
  const submodules = names.map((name) => moduleAt(join(path, name), isFile)).filter((file) => file !== null);
  if (itself !== null && (names.length === 0 || submodules.length < names.length)) yield itself;
  yield* submodules;
}

/** The files of the packages that a path lies in, outermost first; of a module in a package, that package's too. */
function packagesAround(path: string, isFile: IsFile): string[] {
  const own = join(path, "__init__.py");
  const found = isFile(own) ? [own] : [];
  for (let folder = dirname(path); isFile(join(folder, "__init__.py")); folder = dirname(folder))
    found.unshift(join(folder, "__init__.py"));
  return found;
}

/** The folder that holds the outermost package around this one. */
function outermost(folder: string, isFile: IsFile): string {
  return isFile(join(folder, "__init__.py")) ? outermost(dirname(folder), isFile) : folder;
}

function rememberFiles(): IsFile {
  const known = new Map<string, boolean>();
  const ask = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return (path) => remember(known, path, ask);
}
