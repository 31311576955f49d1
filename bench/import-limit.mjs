/**
 * The limit of reading imports: every file read, parsed by oxc-parser and resolved by oxc-resolver once, on one thread, with
 * nothing kept; what is `require`d, with the tree that it has to be looked up in. Plain JavaScript, so that the runtime's own
 * start is all that comes on top.
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
  const text = readFileSync(path, "utf8");
  const parsed = parseSync(path, text);
  const { staticImports, staticExports, hasModuleSyntax } = parsed.module;
  const requests = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest?.value),
    ...staticExports.map(({ entries }) => entries[0]?.moduleRequest?.value),
  ];
  if (!hasModuleSyntax && text.includes("require(") && parsed.program)
    requests.push(...Array.from(text.matchAll(/\brequire\("([^"]+)"\)/g), ([, specifier]) => specifier));
  for (const request of requests) if (request && resolver.resolveFileSync(path, request).path) imports++;
}
