/** The command line of a bench: runs contests in turn, prints the table, and ends with 0 when every target was reached, else 1. */
import { tmpdir } from "node:os";
import { EXIT } from "../lib/report/verdict.ts";
import { readCommandLine } from "../lib/scenario/command-line.ts";
import { count } from "../lib/scenario/number-options.ts";
import { optional } from "../lib/scenario/option.ts";
import { flagName, resolveSettings } from "../lib/scenario/settings.ts";
import { flag, folder, text } from "../lib/scenario/text-options.ts";
import { type Contest, hold } from "./contest.ts";
import { judge, type Result } from "./judgement.ts";
import { renderTable } from "./table.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

export interface Program {
  /** Its path in the repository. */
  readonly file: string;
  /** What it does, in lines for the help. */
  readonly about: readonly string[];
  readonly contests: Readonly<Record<string, (bench: Workbench) => Contest>>;
  /** What the private folder is for. */
  readonly folderHelp: string;
}

/** Answers the exit code. */
export async function runBench(program: Program, words: readonly string[]): Promise<number> {
  const options = defineOptions(program);
  const { flags, help, mistakes } = readCommandLine(options, words);
  if (help) {
    console.log(renderHelp(program, options));
    return EXIT.pass;
  }
  const size = { share: 1, why: "" };
  const resolved = resolveSettings(options, { flags, environment: {}, profile: "development", size });
  const wrong = [...mistakes, ...resolved.mistakes];
  if (wrong.length > 0) {
    console.error([...wrong, `See: ${program.file} --help`].join("\n"));
    return EXIT.usage;
  }
  const { pairs, only, dir, json } = resolved.values;
  const names = only?.split(",") ?? Object.keys(program.contests);
  const results = await compare(program, { names, pairs, dir });
  console.log(json ? JSON.stringify(results) : renderTable(results));
  return results.some(({ outcome }) => outcome === "short") ? EXIT.fail : EXIT.pass;
}

function defineOptions({ contests, folderHelp }: Program) {
  const names = Object.keys(contests);
  return {
    pairs: count({ default: "5", min: "1", help: "how often each side is measured, after a warm-up" }),
    only: optional(
      text({
        default: "",
        placeholder: "NAME,…",
        help: `some of ${names.join(", ")}`,
        accepts: (chosen) =>
          chosen.split(",").every((name) => names.includes(name)) ? null : `names out of ${names.join(", ")}`,
      }),
      "all",
    ),
    dir: folder({ default: tmpdir(), help: folderHelp }),
    json: flag({ help: "print the results as one JSON document" }),
  };
}

interface Choice {
  readonly names: readonly string[];
  readonly pairs: number;
  readonly dir: string;
}

async function compare({ contests }: Program, { names, pairs, dir }: Choice): Promise<Result[]> {
  const bench = openWorkbench(dir);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      bench.close();
      process.exit(EXIT[signal]);
    });
  }
  try {
    const results: Result[] = [];
    for (const name of names) {
      const contest = contests[name]?.(bench);
      if (!contest) continue;
      const recording = await hold(contest, pairs, (line) => console.error(line));
      results.push(...contest.rows.map((row) => judge(row, contest, recording)));
    }
    return results;
  } finally {
    bench.close();
  }
}

function renderHelp({ file, about }: Program, options: ReturnType<typeof defineOptions>): string {
  const rows = Object.entries(options).map(([key, { placeholder, help, format, default: value }]) => [
    `  --${flagName(key)} ${placeholder}`.trimEnd(),
    placeholder === "" ? help : `${help} [${format(value as never)}]`,
  ]);
  return [
    `${file} [options]`,
    "",
    ...about,
    "",
    ...rows.map(([name = "", help]) => `${name.padEnd(18)} ${help}`),
    "",
    "Exit codes: 0 every target reached (and what could not run was skipped), 1 not, 2 usage.",
  ].join("\n");
}
