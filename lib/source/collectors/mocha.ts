/** mocha: `--dry-run`, as JSON. */
import { type Collector, firstOf, installed, lastJson, lastWords } from "../collector.ts";

export const mocha: Collector = {
  name: "mocha",
  lists: "tests",
  dialect: "globals",
  find: (project) =>
    firstOf(project, [
      ".mocharc.json",
      ".mocharc.cjs",
      ".mocharc.js",
      ".mocharc.yml",
      "node_modules/.bin/mocha",
    ]),
  command: ({ project, folder }) => {
    const program = installed(project, "mocha");
    if (program === null) return { missing: `${project} has no mocha in node_modules` };
    return [
      process.execPath,
      program,
      "--dry-run",
      "--reporter",
      "json",
      "--recursive",
      "--extension",
      "test.mjs",
      folder,
    ];
  },
  read: (end) => {
    const listed = lastJson(end.stdout, "{") as { tests?: { fullTitle?: string; file?: string }[] } | null;
    if (!Array.isArray(listed?.tests)) return { names: [], errors: [lastWords(end)] };
    return { names: listed.tests.map(({ file, fullTitle }) => `${file} ${fullTitle}`), errors: [] };
  },
};
