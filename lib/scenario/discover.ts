/** Every scenario there is: what exports `scenario` in the scripts folder. Importing one runs nothing. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plannable } from "./prepare.ts";
import type { Described } from "./sentences.ts";

export interface Discovered {
  readonly name: string;
  readonly file: URL;
  readonly scenario: Described & Plannable<Described["options"]>;
}

/** `scripts` is the folder's URL, with a final slash. In the order of their names. */
export async function discoverScenarios(scripts: URL): Promise<Discovered[]> {
  const found: Discovered[] = [];
  for (const name of readdirSync(fileURLToPath(scripts)).sort()) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
    const file = new URL(name, scripts);
    // the others are programs that would run
    if (!/^export const scenario\b/m.test(readFileSync(file, "utf8"))) continue;
    const { scenario } = (await import(file.href)) as Pick<Discovered, "scenario">;
    found.push({ name: name.slice(0, -".ts".length), file, scenario });
  }
  return found;
}
