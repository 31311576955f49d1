/** Modules of the user's own, in JavaScript: they are run. */
import { statSync } from "node:fs";
import { resolve, sep } from "node:path";
import { Expected, type Option, repeatable } from "./option.ts";

export function modulesOption(help: string): Option<readonly string[]> {
  const item: Option<string> = {
    placeholder: "FILE",
    help,
    default: "",
    smoke: "",
    parse: (path) => {
      if (!/\.[cm]?js$/.test(path)) return new Expected("a module in JavaScript (.js, .cjs or .mjs)");
      if (resolve(path).includes(`${sep}node_modules${sep}`))
        return new Expected("a module of yours (packages in node_modules stay loaded)");
      const found = statSync(resolve(path), { throwIfNoEntry: false });
      if (found?.isFile()) return resolve(path);
      return new Expected(`a module's file (${found ? "this is none" : "there is none"})`);
    },
    format: (path) => path,
  };
  return repeatable(item, "modules that are made up");
}
