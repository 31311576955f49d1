/** Writes `index.html` of a reports folder, from what is in it at that moment. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { listRuns, readHistory } from "./history.ts";
import { renderIndexPage } from "./html/index-page.ts";
import { replaceFile } from "./replace-file.ts";

/** Of several that end at once, each sees all that ended before it: whoever writes last, nothing is lost. */
export function writeIndex(out: string): void {
  replaceFile(join(out, "index.html"), renderIndexPage(readHistories(out)));
}

function readHistories(out: string) {
  return listScenarios(out).map((scenario) => {
    const folder = join(out, scenario);
    return { scenario, total: listRuns(folder).length, runs: readHistory(folder) };
  });
}

/** The folders that hold runs. */
export function listScenarios(out: string): string[] {
  if (!existsSync(out)) return [];
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && listRuns(join(out, entry.name)).length > 0)
    .map(({ name }) => name)
    .sort();
}
