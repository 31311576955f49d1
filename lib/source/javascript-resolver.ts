/** Where an import of JavaScript or TypeScript leads: Node's rules and TypeScript's, by oxc-resolver. */
import { dirname } from "node:path";
import { type NapiResolveOptions, ResolverFactory } from "oxc-resolver";
import type { Destination, ResolveFrom } from "./import.ts";
import { createNearFiles, type FileRules } from "./near-files.ts";
import { remember } from "./remember.ts";

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
export function createResolver(): ResolveFrom {
  const byImport = new ResolverFactory({ ...RULES, conditionNames: ["node", "import"] });
  const byRequire = byImport.cloneWithOptions({ ...RULES, conditionNames: ["node", "require"] });
  const nearFiles = createNearFiles(RULES);
  const resolversByFolder = new Map<string, ResolveFrom>();
  const createForFolder = (folder: string): ResolveFrom => {
    const findNear = nearFiles(folder);
    const ask = (resolver: ResolverFactory, from: string, specifier: string): Destination => {
      const near = findNear(specifier);
      return near === null ? resolve(resolver, from, specifier) : { files: [near] };
    };
    // files of one folder ask for the same things
    const known = { import: new Map<string, Destination>(), require: new Map<string, Destination>() };
    return (from) => {
      const asks = {
        import: (specifier: string) => ask(byImport, from, specifier),
        require: (specifier: string) => ask(byRequire, from, specifier),
      };
      return ({ specifier, by }) => remember(known[by], specifier, asks[by]);
    };
  };
  return (from) => remember(resolversByFolder, dirname(from), createForFolder)(from);
}

function resolve(resolver: ResolverFactory, from: string, specifier: string): Destination {
  const { path, builtin, error } = resolver.resolveFileSync(from, specifier);
  if (path !== undefined) return { files: [withoutQuery(path, specifier)] };
  // a package that is not installed is no part of the project
  const isOwn = /^[./#]/.test(specifier);
  return builtin || !isOwn ? { outside: true } : { missing: error ?? "not found" };
}

/** Bundlers' `./a.svg?raw`: what follows is not the file's name. */
function withoutQuery(path: string, specifier: string): string {
  return specifier.includes("?") ? path.replace(/\?.*$/, "") : path;
}
