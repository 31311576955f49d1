/** Pictures of every kind of report, at three widths, in light and dark: `make screenshots`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startBrowser } from "./browser.ts";
import { makeCorpus } from "./report-corpus.ts";

const [to = "reports/screenshots"] = process.argv.slice(2);
const corpus = join(resolve(to), `runs-${process.pid}`);
mkdirSync(corpus, { recursive: true });
const pages = await makeCorpus(corpus);
const { page, close } = await startBrowser();
for (const [name, path] of Object.entries(pages))
  for (const scheme of ["light", "dark"] as const)
    for (const width of [360, 768, 1280]) {
      await page.prefer(scheme);
      await page.resize(width, 900);
      await page.open(pathToFileURL(join(corpus, path)).href);
      const file = join(to, `${name}-${width}-${scheme}.png`);
      writeFileSync(file, await page.screenshot());
      console.log(file);
    }
await close();
