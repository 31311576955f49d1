/** The style of the house, held by a test: every rule names what to do instead. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { discoverScenarios } from "../lib/scenario/discover.ts";
import { ROOT } from "./command.ts";

const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path && existsSync(join(ROOT, path)));
const SOURCES = FILES.filter((path) => !path.endsWith(".test.ts") && !/\bfixtures\//.test(path));

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const IMPORTS: readonly Import[] = SOURCES.flatMap((from) =>
  [...read(from).matchAll(/^(?:import|export) (type )?[^"';]*?from "(\.[^"]+)";/gms)].map(
    ([, type, path = ""]) => ({
      from,
      to: normalize(join(dirname(from), path)),
      typeOnly: type !== undefined,
    }),
  ),
);

/** What each folder may import, beside itself; the values, and what it may know by type only. */
const MAY_IMPORT: Record<string, { values: readonly string[]; types?: readonly string[] }> = {
  // what can be planted in a target is data of the target, and its tokens are minted by whoever knows its key
  "scripts/": {
    values: [
      "lib/",
      "targets/containers/",
      "targets/faults.ts",
      "targets/hub/faults.ts",
      "targets/hub/token.ts",
      "targets/projects/faults.ts",
    ],
    types: ["workers/"],
  },
  "workers/": { values: ["lib/clients/", "lib/source/", "lib/stress/", "lib/units.ts"] },
  "targets/": { values: [], types: ["lib/engine/", "lib/target/"] },
  "lib/stats/": { values: [] },
  "lib/source/": { values: ["lib/host/", "lib/own-file.ts"] },
  "lib/stress/": { values: ["lib/units.ts"] },
  "lib/canary/": { values: ["lib/target/", "lib/units.ts"] },
  "lib/clients/": { values: ["lib/stats/", "lib/stress/random.ts", "lib/units.ts"] },
  "lib/engine/": { values: ["lib/host/", "lib/units.ts"] },
  "lib/host/": { values: ["lib/stats/", "lib/units.ts"] },
  "lib/target/": { values: ["lib/host/", "lib/own-file.ts", "lib/stats/", "lib/units.ts"] },
  "lib/report/": { values: ["lib/engine/", "lib/host/", "lib/stats/", "lib/units.ts"] },
  "lib/scenario/": { values: ["lib/"] },
};

test("imports point one way", () => {
  const wrong = IMPORTS.filter(({ from, to, typeOnly }) => {
    const [folder, rule] = Object.entries(MAY_IMPORT).find(([place]) => from.startsWith(place)) ?? [];
    if (!folder || !rule || to.startsWith(folder)) return false;
    const allowed = [...rule.values, ...(typeOnly ? (rule.types ?? []) : [])];
    return !allowed.some((place) => to.startsWith(place));
  });
  assert.deepEqual(wrong, [], "move the piece to where both may see it");
});

test("no file imports itself, by whatever way round", () => {
  const next = new Map<string, Import[]>();
  for (const one of IMPORTS) next.set(one.from, [...(next.get(one.from) ?? []), one]);
  const cycles = SOURCES.flatMap((start) => {
    const path = findPath(start, start, next);
    return path ? [path.join(" -> ")] : [];
  });
  assert.deepEqual(cycles, [], "give what both need a file of its own");
});

function findPath(from: string, to: string, next: ReadonlyMap<string, readonly Import[]>): string[] | null {
  const before = new Map<string, string>();
  const open = [from];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    for (const { to: neighbour } of next.get(at) ?? []) {
      if (neighbour === to) {
        const path = [to];
        for (let step: string | undefined = at; step !== undefined; step = before.get(step))
          path.unshift(step);
        return path;
      }
      if (!before.has(neighbour) && neighbour !== from) {
        before.set(neighbour, at);
        open.push(neighbour);
      }
    }
  }
  return null;
}

test("help and mistakes wait for no library but the one that reads the command line", () => {
  const isScenario = (path: string) =>
    path.startsWith("scripts/") && /^export const scenario/m.test(read(path));
  // a Set goes on to what is added on the way
  const loaded = new Set(["lib/scenario/command.ts", ...SOURCES.filter(isScenario)]);
  for (const path of loaded)
    for (const { from, to, typeOnly } of IMPORTS) if (from === path && !typeOnly) loaded.add(to);
  const heavy = [...loaded].flatMap((path) =>
    [...read(path).matchAll(/^import (?!type )[^"';]*?from "(?!node:|\.|yargs-parser")([^"]+)";/gms)].map(
      ([, library]) => `${path} imports ${library}`,
    ),
  );
  assert.deepEqual(heavy, [], "import() it where it is needed");
});

test("every file says in its first line what it is for", () => {
  const silent = FILES.filter((path) => !/^(#!.*\n)?\/\*\*/.test(read(path)));
  assert.deepEqual(silent, [], "begin with a sentence in /** */");
});

/** What is banned, where it is allowed all the same, and what to do instead. */
const BANS: readonly { pattern: RegExp; instead: string; except?: RegExp }[] = [
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    instead: "do it, or say in the file's head what it does not do",
    except: /^test\/tidy/,
  },
  {
    pattern: /@ts-(ignore|expect-error|nocheck)|biome-ignore/,
    instead: "mend the type",
    except: /^test\/tidy/,
  },
  {
    pattern: /\bMath\.random\(/,
    instead: "createRandom(seed), so that a run can be repeated",
    except: /^test\/tidy/,
  },
  {
    pattern: /\bshell: true|\bexecSync\(|[^a-z.]exec\("/,
    instead: "spawn or execFile: no shell",
    except: /^test\/tidy/,
  },
  { pattern: /\bDeno\./, instead: "node: modules, which every runtime has", except: /^test\// },
  { pattern: /^export \* from/m, instead: "import from the file that has it", except: /^test\/tidy/ },
];

for (const { pattern, instead, except } of BANS) {
  test(`no ${pattern} in any file: ${instead}`, () => {
    const found = FILES.filter((path) => !except?.test(path) && pattern.test(read(path)));
    assert.deepEqual(found, [], instead);
  });
}

test("no source file is longer than 260 lines", () => {
  const long = SOURCES.filter((path) => read(path).split("\n").length > 260);
  assert.deepEqual(long, [], "divide it where it does two things");
});

test("a stressor is started by the name of the file that its type comes from", () => {
  for (const path of SOURCES.filter((candidate) => candidate.startsWith("scripts/"))) {
    const text = read(path);
    for (const [, type, worker] of text.matchAll(/stress<typeof (\w+)>\("([\w-]+)"/g)) {
      const file = new RegExp(`import type \\* as ${type} from "\\.\\./workers/([\\w-]+)\\.ts"`).exec(
        text,
      )?.[1];
      assert.equal(worker, file, path);
    }
  }
});

test("scripts begin with the one line that runs them from anywhere, and have the run bit", async () => {
  const scenarios = await discoverScenarios(new URL("../scripts/", import.meta.url));
  const environments = new Map(
    scenarios.map(({ name, scenario }) => [`scripts/${name}.ts`, scenario.environment]),
  );
  for (const path of FILES.filter((candidate) => /^scripts\/[^/]+\.ts$/.test(candidate))) {
    const settings = Object.entries(environments.get(path) ?? {}).map(([key, value]) => `${key}=${value} `);
    const line = `#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; ${settings.join("")}exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'`;
    const [first, second] = read(path).split("\n");
    assert.equal(first, line, path);
    assert.match(second ?? "", /^\/\*\* .+ \*\/$/, `${path}: the second line is its row in make`);
    // the kernel reads no more of it (BINPRM_BUF_SIZE)
    assert.ok(line.length < 256, path);
    assert.ok(statSync(join(ROOT, path)).mode & 0o111, `${path}: chmod +x`);
  }
});
