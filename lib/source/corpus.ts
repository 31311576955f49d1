/** A project that is made up, with imports of every kind: healthy, or with one cycle planted in it. The same seed makes the same. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Files by their paths. */
export type Corpus = Readonly<Record<string, string>>;

/**
 * `folder`: its parent has to be there. Whoever samples meanwhile goes on. Aborted, it writes no more: what is removed then
 * must not come back, and so no folder is made above.
 */
export async function writeCorpus(folder: string, corpus: Corpus, signal?: AbortSignal): Promise<void> {
  const files = Object.entries(corpus);
  const parents = new Set(files.flatMap(([path]) => foldersAbove(path)));
  for (const parent of ["", ...[...parents].sort()])
    if (!signal?.aborted) await makeFolder(join(folder, parent));
  for (const [path, text] of files) if (!signal?.aborted) await writeFile(join(folder, path), text);
}

/** "a/b/c.ts": "a", "a/b". */
function foldersAbove(path: string): string[] {
  const steps = path.split("/").slice(0, -1);
  return steps.map((_, index) => steps.slice(0, index + 1).join("/"));
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** What can be planted, as files beside the healthy ones. */
export type PlantedCycle =
  | "import-cycle"
  | "re-export-cycle"
  | "dynamic-cycle"
  | "require-cycle"
  | "long-cycle"
  | "python-cycle"
  | "broken-file"
  | "type-only-cycle"
  | "type-checking-cycle";

/** `random`: 0..1, of the run's seed. */
export function makeImportCorpus(
  modules: number,
  random: () => number,
  planted: readonly PlantedCycle[],
): Corpus {
  const healthy = Object.fromEntries(
    Array.from({ length: modules }, (_, number) => [pathOf(number), moduleText(number, random)]),
  );
  return Object.assign(
    { "package.json": '{"name":"corpus","type":"module"}\n', ...healthy },
    ...planted.map((name) => PLANTED[name]),
  );
}

function pathOf(number: number): string {
  return `src/part${Math.floor(number / 10)}/module${number}.ts`;
}

const MOST_IMPORTS = 4;

/** It imports only what was made before it: no cycle can come of that. What looks like an import and is none is in it, too. */
function moduleText(number: number, random: () => number): string {
  const before = Array.from({ length: Math.min(number, MOST_IMPORTS) }, () => Math.floor(random() * number));
  const imports = [...new Set(before)].map(
    (one) => `import { value as value${one} } from "../../${pathOf(one)}";`,
  );
  return [
    ...imports,
    `// import "../../${pathOf(number + 1)}";`,
    `const text = 'import "../../${pathOf(number + 1)}"';`,
    `export const value = text.length + ${number};`,
    "",
  ].join("\n");
}

const ring = (names: readonly string[]) =>
  Object.fromEntries(
    names.map((name, index) => [
      `planted/${name}.ts`,
      `import { value as next } from "./${names[(index + 1) % names.length]}.ts";\nexport const value = () => next;\n`,
    ]),
  );

const PLANTED: Readonly<Record<PlantedCycle, Corpus>> = {
  "import-cycle": ring(["a", "b", "c"]),
  "long-cycle": ring(["a", "b", "c", "d", "e", "f", "g", "h"]),
  "re-export-cycle": {
    "planted/index.ts": 'export * from "./part.ts";\n',
    "planted/part.ts": 'import { helper } from "./helper.ts";\nexport const part = helper;\n',
    "planted/helper.ts": 'import { part } from "./index.ts";\nexport const helper = () => part;\n',
  },
  "dynamic-cycle": {
    "planted/page.ts": 'import { go } from "./router.ts";\nexport const page = () => go;\n',
    "planted/router.ts": 'export const go = () => import("./page.ts");\n',
  },
  "require-cycle": {
    "planted/first.cjs": 'const second = require("./second.cjs");\nexports.first = () => second;\n',
    "planted/second.cjs": 'exports.second = function () {\n  return require("./first.cjs");\n};\n',
  },
  "python-cycle": {
    "planted/__init__.py": "from .models import Model\n\nlimit = 10\n",
    "planted/models.py": "from planted import limit\n\n\nclass Model:\n    size = limit\n",
  },
  "broken-file": { "planted/broken.ts": "export const = ;\n" },
  "type-only-cycle": {
    "planted/model.ts": 'import type { View } from "./view.ts";\nexport interface Model { view: View }\n',
    "planted/view.ts": 'import { type Model } from "./model.ts";\nexport interface View { model: Model }\n',
  },
  "type-checking-cycle": {
    "planted/model.py":
      "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from planted.view import View\n",
    "planted/view.py": "from planted.model import Model\n",
  },
};
