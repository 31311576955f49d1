/**
 * The limit of reading imports: every file read, parsed by oxc-parser and resolved by oxc-resolver once, on one thread, with
 * nothing kept. Plain JavaScript, so that the runtime's own start is all that comes on top.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { ResolverFactory } from "oxc-resolver";

const resolver = new ResolverFactory({
  extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json"],
  conditionNames: ["node", "import"],
  tsconfig: "auto",
});
let imports = 0;
const open = [process.argv[2] ?? "."];
for (let folder = open.pop(); folder; folder = open.pop())
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules") open.push(path);
    else if (/(?<!\.d)\.[cm]?[jt]sx?$/.test(entry.name)) follow(path);
  }
console.log(imports);

function follow(path) {
  const { staticImports, staticExports } = parseSync(path, readFileSync(path, "utf8")).module;
  const requests = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest),
    ...staticExports.map(({ entries }) => entries[0]?.moduleRequest),
  ];
  for (const request of requests) if (request && resolver.resolveFileSync(path, request.value).path) imports++;
}
