/** `deno test --no-run`: it checks each file, and names files alone. */
import { type Collector, firstOf, lastWords, onPath } from "../collector.ts";

export const deno: Collector = {
  name: "deno",
  lists: "files",
  dialect: "deno",
  find: (project) => firstOf(project, ["deno.json", "deno.jsonc"]),
  command: ({ folder }) => {
    const program = "deno" in process.versions ? process.execPath : onPath("deno");
    return program === null ? { missing: "deno is not on the PATH" } : [program, "test", "--no-run", folder];
  },
  // what it has checked before it does not name again
  environment: (cache) => ({ DENO_DIR: cache }),
  read: (end) => {
    const names = end.stderr.split("\n").flatMap((line) => /^Check (.*)$/.exec(line)?.[1] ?? []);
    return { names, errors: end.exitCode === 0 ? [] : [lastWords(end)] };
  },
};
