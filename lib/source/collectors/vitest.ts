/** vitest: `list`, as JSON. */
import { type Collector, firstOf, installed, lastJson, lastWords } from "../collector.ts";

export const vitest: Collector = {
  name: "vitest",
  lists: "tests",
  dialect: "globals",
  find: (project) =>
    firstOf(project, [
      "vitest.config.ts",
      "vitest.config.js",
      "vitest.config.mts",
      "node_modules/.bin/vitest",
    ]),
  command: ({ project, folder }) => {
    const program = installed(project, "vitest");
    if (program === null) return { missing: `${project} has no vitest in node_modules` };
    return [process.execPath, program, "list", "--json", "--globals", "--root", folder];
  },
  read: (end) => {
    const listed = lastJson(end.stdout, "[") as { name?: string; file?: string }[] | null;
    if (!Array.isArray(listed)) return { names: [], errors: [lastWords(end)] };
    return { names: listed.map(({ file, name }) => `${file} ${name}`), errors: [] };
  },
};
