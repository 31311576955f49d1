/** node:test, listed by a program of ours: Node itself can only run it. The default: nothing has to be installed for it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Collector, firstOf, lastJson, lastWords } from "../collector.ts";

export const nodeTest: Collector = {
  name: "node-test",
  lists: "tests",
  dialect: "node-test",
  find: (project) => firstOf(project, ["package.json"]),
  command: ({ project, folder }) => {
    if ("deno" in process.versions) return { missing: "the list of node:test is made by Node alone" };
    const lister = fileURLToPath(new URL("../list-node-tests.mjs", import.meta.url));
    // its own tests may be TypeScript
    const tsx = join(project, "node_modules/tsx/dist/loader.mjs");
    const loader = folder === project && existsSync(tsx) ? ["--import", tsx] : [];
    return [process.execPath, ...loader, lister, folder];
  },
  read: (end) => {
    const listed = lastJson(end.stdout, "{");
    if (typeof listed !== "object" || listed === null || !("names" in listed) || !("errors" in listed))
      return { names: [], errors: [lastWords(end)] };
    return { names: [listed.names].flat().map(String), errors: [listed.errors].flat().map(String) };
  },
};
