/** Where an import of JavaScript or TypeScript leads: Node's rules and TypeScript's, by oxc-resolver. */
import { dirname } from "node:path";
import { type NapiResolveOptions, ResolverFactory } from "oxc-resolver";
import type { Destination, Import } from "./import.ts";
import { createNearFiles, type FileRules } from "./near-files.ts";

const TYPESCRIPT = [".ts", ".tsx", ".mts", ".cts"];
const JAVASCRIPT = [".js", ".jsx", ".mjs", ".cjs"];

export const RULES: NapiResolveOptions & FileRules = {
  extensions: [...TYPESCRIPT, ...JAVASCRIPT, ".json", ".node"],
  // TypeScript is imported by the name that it will have once it is compiled
  extensionAlias: {
    ".js": [".ts", ".tsx", ".js", ".jsx"],
    ".jsx": [".tsx", ".jsx"],
    ".mjs": [".mts", ".mjs"],
    ".cjs": [".cts", ".cjs"],
  },
  mainFields: ["main"],
  // the nearest tsconfig.json of each file
  tsconfig: "auto",
  builtinModules: true,
};

/** Packages of a workspace are linked into node_modules: they lead to their real files. */
export function createResolver(): (from: string, one: Import) => Destination {
  const byImport = new ResolverFactory({ ...RULES, conditionNames: ["node", "import"] });
  const byRequire = byImport.cloneWithOptions({ ...RULES, conditionNames: ["node", "require"] });
  const resolve = (from: string, { specifier, by }: Import): Destination => {
    const { path, builtin, error } = (by === "require" ? byRequire : byImport).resolveFileSync(
      from,
      specifier,
    );
    if (path !== undefined) return { files: [withoutQuery(path, specifier)] };
    // a package that is not installed is no part of the project
    const isOwn = /^[./#]/.test(specifier);
    return builtin || !isOwn ? { outside: true } : { missing: error ?? "not found" };
  };
  const findNear = createNearFiles(RULES);
  const ask = (from: string, one: Import): Destination => {
    const near = findNear(dirname(from), one.specifier);
    return near === null ? resolve(from, one) : { files: [near] };
  };
  // files of one folder ask for the same things
  const known = { import: createMemory(), require: createMemory() };
  return (from, one) => {
    const inFolder = known[one.by](dirname(from));
    const destination = inFolder.get(one.specifier) ?? ask(from, one);
    inFolder.set(one.specifier, destination);
    return destination;
  };
}

/** What each folder asked for, and where it leads. */
function createMemory(): (folder: string) => Map<string, Destination> {
  const folders = new Map<string, Map<string, Destination>>();
  return (folder) => {
    const known = folders.get(folder) ?? new Map<string, Destination>();
    folders.set(folder, known);
    return known;
  };
}

/** Bundlers' `./a.svg?raw`: what follows is not the file's name. */
function withoutQuery(path: string, specifier: string): string {
  return specifier.includes("?") ? path.replace(/\?.*$/, "") : path;
}
