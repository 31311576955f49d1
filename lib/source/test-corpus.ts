/** Test files that are made up, in the words of each collector: plain ones, deep ones with inheritance, fixtures and imports, and circular ones. */
import type { Corpus } from "./corpus.ts";

/** `globals`: describe and it are there by themselves. */
export type Dialect = "node-test" | "globals" | "playwright" | "deno" | "python";

export interface TestCorpus {
  readonly corpus: Corpus;
  readonly files: number;
  readonly tests: number;
}

const TESTS_A_FILE = 10;
const FILES_A_FOLDER = 20;

/** `files` files of ten tests each, some in each folder. */
export function makePlainTests(dialect: Dialect, files: number): TestCorpus {
  const write = DIALECTS[dialect];
  const all = numbers(files).map((number) => {
    const folder = `part${Math.floor(number / FILES_A_FOLDER)}`;
    return [
      write.path(folder, number),
      write.tests(
        [],
        numbers(TESTS_A_FILE).map((test) => `plain ${number} ${test}`),
      ),
    ] as const;
  });
  return { corpus: Object.fromEntries([...write.around, ...all]), files, tests: files * TESTS_A_FILE };
}

/** Folders of 20 files, each of which goes through helpers that import each other in a chain. */
export function makeDeepTests(dialect: Dialect, folders: number): TestCorpus {
  const write = DIALECTS[dialect];
  const all = numbers(folders).flatMap((folder) => [
    ...numbers(DEPTH).map((level) => write.helper(`part${folder}`, level, level + 1 < DEPTH)),
    ...numbers(FILES_A_FOLDER).map((number) => {
      const own = folder * FILES_A_FOLDER + number;
      return [write.path(`part${folder}`, own), write.deep(own)] as const;
    }),
  ]);
  const files = folders * FILES_A_FOLDER;
  return { corpus: Object.fromEntries([...write.around, ...all]), files, tests: files * DEEP_TESTS };
}

/** Test files that import each other in a ring. */
export function makeCircularTests(dialect: Dialect, files: number): TestCorpus {
  const write = DIALECTS[dialect];
  const all = numbers(files).map((number) => {
    const next = write.importOf(write.path("", (number + 1) % files));
    return [write.path("", number), write.tests([next], [`circular ${number}`])] as const;
  });
  return { corpus: Object.fromEntries([...write.around, ...all]), files, tests: files };
}

const DEPTH = 5;
/** In a class and in the class that it inherits from. */
const DEEP_TESTS = 2;

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

type File = readonly [path: string, text: string];

interface Writing {
  /** Beside the tests. */
  readonly around: readonly File[];
  path(folder: string, number: number): string;
  /** Imports first. */
  tests(imports: readonly string[], names: readonly string[]): string;
  importOf(path: string): string;
  helper(folder: string, level: number, hasNext: boolean): File;
  deep(number: number): string;
}

/** In JavaScript only the first line and the word for a test differ. */
function javascript(head: string, word: string, ending = "mjs"): Writing {
  const one = (name: string) => `${word}(${JSON.stringify(name)}, () => {});`;
  return {
    around: [],
    path: (folder, number) => `${folder}${folder && "/"}file${number}.test.${ending}`,
    tests: (imports, names) => [head, ...imports, ...names.map(one), ""].join("\n"),
    importOf: (path) => `import "./${path}";`,
    helper: (folder, level, hasNext) => [
      `${folder}/helper${level}.mjs`,
      `${hasNext ? `import { Base as Next } from "./helper${level + 1}.mjs";\n` : "class Next { fixture() { return {}; } }\n"}export class Base extends Next { level${level}() { return this.fixture(); } }\n`,
    ],
    deep: (number) =>
      [
        head,
        'import { Base } from "./helper0.mjs";',
        "class Suite extends Base {",
        `  inherit() { ${one(`deep ${number} inherited`)} }`,
        "}",
        `class Own extends Suite { declare() { this.inherit(); ${one(`deep ${number} own`)} } }`,
        "new Own().declare();",
        "",
      ].join("\n"),
  };
}

const DIALECTS: Readonly<Record<Dialect, Writing>> = {
  "node-test": javascript('import { test } from "node:test";', "test"),
  globals: javascript("", "it"),
  playwright: javascript('import { test } from "@playwright/test";', "test"),
  // of JavaScript it says nothing
  deno: javascript('import { test } from "node:test";', "test", "ts"),
  python: {
    // each folder a package, so that files of one name are told apart
    around: [["conftest.py", "import pytest\n\n\n@pytest.fixture\ndef thing():\n    return {}\n"]],
    path: (folder, number) => `${folder}${folder && "/"}test_file${number}.py`,
    tests: (imports, names) =>
      [...imports, ...names.map((name) => `def test_${name.replaceAll(" ", "_")}():\n    pass\n`)].join(
        "\n\n",
      ),
    importOf: (path) => `import ${path.replace(/\.py$/, "")}\n`,
    helper: (folder, level, hasNext) => [
      `${folder}/helper_${folder}_${level}.py`,
      hasNext
        ? `from helper_${folder}_${level + 1} import Base as Next\n\n\nclass Base(Next):\n    pass\n`
        : "class Base:\n    def test_inherited(self, thing):\n        pass\n",
    ],
    deep: (number) => {
      const folder = `part${Math.floor(number / FILES_A_FOLDER)}`;
      return `from helper_${folder}_0 import Base as Parent\n\n\nclass TestOwn(Parent):\n    def test_own(self, thing):\n        pass\n`;
    },
  },
};
