/**
 * Modules that import each other in rings, and the same ones without the imports that lead back: in ES modules, CommonJS and
 * Python, each with a program that imports them all and prints how long that took, ms.
 */
import type { Corpus } from "./corpus.ts";

export const MODULE_SYSTEMS = ["esm", "cjs", "python"] as const;
export type ModuleSystem = (typeof MODULE_SYSTEMS)[number];

export interface Rings {
  readonly modules: number;
  readonly circular: boolean;
  /** How long each module that is in a ring keeps its thread busy, ms: what is planted. */
  readonly busyMs: number;
}

/** The program's name, beside its modules. */
export const ENTRIES: Readonly<Record<ModuleSystem, string>> = {
  esm: "main.mjs",
  cjs: "main.cjs",
  python: "main.py",
};

export function makeRings(system: ModuleSystem, rings: Rings): Corpus {
  const { entry, file, text } = SYSTEMS[system];
  const numbers = Array.from({ length: rings.modules }, (_, number) => number);
  return Object.fromEntries([
    [ENTRIES[system], entry],
    ...numbers.map((number) => [file(number), text(number, importsOf(number, rings), rings.busyMs)]),
  ]);
}

/** The name of the module that leads to all others. */
export function firstModule(system: ModuleSystem): string {
  return SYSTEMS[system].file(0);
}

/** The next module, one further on, and, where there are rings, one before: overlapping rings of three and more, and one of all. */
function importsOf(number: number, { modules, circular }: Rings): number[] {
  const ahead = [number + 1, number + 7].filter((other) => other < modules);
  const back = [(number + modules - 2) % modules].filter((other) => circular && other !== number);
  return [...new Set([...ahead, ...back])];
}

interface Writing {
  readonly entry: string;
  readonly file: (number: number) => string;
  readonly text: (number: number, imports: readonly number[], busyMs: number) => string;
}

const calls = (imports: readonly number[]) =>
  imports.map((other) => `module${other}.name.length`).join(" + ") || "0";

const SYSTEMS: Readonly<Record<ModuleSystem, Writing>> = {
  esm: {
    entry:
      'const from = performance.now();\nawait import("./module0.mjs");\nconsole.log(performance.now() - from);\n',
    file: (number) => `module${number}.mjs`,
    text: (number, imports, busyMs) =>
      [
        ...imports.map((other) => `import * as module${other} from "./module${other}.mjs";`),
        `export const name = "module${number}";`,
        `export const sum = () => ${calls(imports)};`,
        ...(busyMs > 0
          ? [`for (const until = performance.now() + ${busyMs}; performance.now() < until; );`]
          : []),
        "",
      ].join("\n"),
  },
  cjs: {
    entry:
      'const from = performance.now();\nrequire("./module0.cjs");\nconsole.log(performance.now() - from);\n',
    file: (number) => `module${number}.cjs`,
    text: (number, imports, busyMs) =>
      [
        `exports.name = "module${number}";`,
        ...imports.map((other) => `const module${other} = require("./module${other}.cjs");`),
        `exports.sum = () => ${calls(imports)};`,
        ...(busyMs > 0
          ? [`for (const until = performance.now() + ${busyMs}; performance.now() < until; );`]
          : []),
        "",
      ].join("\n"),
  },
  python: {
    entry:
      "import time\n\nstart = time.perf_counter()\nimport module0\n\nprint((time.perf_counter() - start) * 1000)\n",
    file: (number) => `module${number}.py`,
    text: (number, imports, busyMs) =>
      [
        `name = "module${number}"`,
        ...imports.map((other) => `import module${other}`),
        ...(busyMs > 0 ? ["import time", `time.sleep(${busyMs / 1000})`] : []),
        "",
      ].join("\n"),
  },
};
