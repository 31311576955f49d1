/** Playwright: `test --list`, a name a line and their sum. */
import { type Collector, firstOf, installed, lastWords } from "../collector.ts";

export const playwright: Collector = {
  name: "playwright",
  lists: "tests",
  dialect: "playwright",
  find: (project) =>
    firstOf(project, ["playwright.config.ts", "playwright.config.js", "playwright.config.mjs"]),
  command: ({ project, folder }) => {
    const program = installed(project, "playwright");
    if (program === null) return { missing: `${project} has no playwright in node_modules` };
    return [process.execPath, program, "test", "--list", "--reporter", "list", folder];
  },
  read: (end) => {
    const names = end.stdout
      .split("\n")
      .filter((line) => / › /.test(line))
      .map((line) => line.trim());
    const total = Number(/^Total: (\d+) tests? /m.exec(end.stdout)?.[1] ?? Number.NaN);
    return { names, errors: total === names.length && end.exitCode === 0 ? [] : [lastWords(end)] };
  },
};
