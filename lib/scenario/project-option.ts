/** The project whose code is looked at: a folder that is only read. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { Expected, type Option } from "./option.ts";

export function projectOption(help: string): Option<string> {
  return {
    placeholder: "DIR",
    help,
    default: resolve("."),
    smoke: resolve("."),
    parse: (path) => {
      const found = statSync(resolve(path), { throwIfNoEntry: false });
      if (found?.isDirectory()) return resolve(path);
      return new Expected(`a project's folder (${found ? "this is a file" : "there is none"})`);
    },
    format: (path) => path,
  };
}
