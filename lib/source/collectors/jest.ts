/** jest: `--listTests`, which names files alone. */
import { type Collector, firstOf, installed, lastJson, lastWords } from "../collector.ts";

export const jest: Collector = {
  name: "jest",
  lists: "files",
  dialect: "globals",
  find: (project) =>
    firstOf(project, ["jest.config.js", "jest.config.ts", "jest.config.cjs", "node_modules/.bin/jest"]),
  command: ({ project, folder }) => {
    const program = installed(project, "jest");
    if (program === null) return { missing: `${project} has no jest in node_modules` };
    const config = JSON.stringify({ rootDir: folder, testMatch: ["**/*.test.mjs"] });
    return [process.execPath, program, "--listTests", "--json", "--no-cache", "--config", config];
  },
  read: (end) => {
    const listed = lastJson(end.stdout, "[");
    if (!Array.isArray(listed)) return { names: [], errors: [lastWords(end)] };
    return { names: listed.map(String), errors: [] };
  },
};
