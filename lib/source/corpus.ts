/** A project that is made up, with imports of every kind: healthy, or with one cycle planted in it. The same seed makes the same. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files by their paths. */
export type Corpus = Readonly<Record<string, string>>;

/** Its folders are made on the way. Whoever samples meanwhile goes on. */
export async function writeCorpus(folder: string, corpus: Corpus): Promise<void> {
  const files = Object.entries(corpus).map(([path, text]) => [join(folder, path), text] as const);
  for (const parent of new Set(files.map(([file]) => dirname(file))))
    await mkdir(parent, { recursive: true });
  for (const [file, text] of files) await writeFile(file, text);
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
