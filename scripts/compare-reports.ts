#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Compares two runs of a scenario: what got slower or bigger by more than 20 %, beyond noise. */
import { EXIT } from "../lib/report/verdict.ts";
import { isProgram } from "../lib/scenario/main.ts";
import { type Program, runProgram, tellFailure, tellMistakes } from "../lib/scenario/program.ts";
import { flag } from "../lib/scenario/text-options.ts";

const options = {
  json: flag({ help: "print the comparison as one JSON document, and nothing else" }),
} as const;

const program: Program<typeof options> = {
  file: "scripts/compare-reports.ts",
  usage: `scripts/compare-reports.ts BEFORE AFTER [options]

Compare two runs of a scenario, each by its report.json or its folder. Worse is what changed for the worse by more than
20 %, outside the intervals of both, and by enough to matter. What differs about the runs themselves is told first.

Exit codes: 0 nothing is worse, 1 something is, 2 usage, or runs that cannot be compared.`,
  options,
  operands: true,
  refuse: ({ operands }) =>
    operands.length === 2
      ? []
      : [`Cannot compare ${operands.length} reports: expected two, BEFORE and AFTER`],
  async run({ json }, [before = "", after = ""]) {
    // schemas: nothing that help should wait for
    const [{ readSubject, tellComparison }, { compare }] = await Promise.all([
      import("../lib/report/baseline.ts"),
      import("../lib/report/compare.ts"),
    ]);
    const [one, other] = [before, after].map((path) => attempt(() => readSubject(path)));
    const wrong = [one, other].filter((each) => each instanceof Error);
    if (!one || !other || one instanceof Error || other instanceof Error)
      return tellMistakes(
        program,
        wrong.map(({ message }) => message),
      );
    const names = [one, other].map(({ report }) => report.scenario);
    if (names[0] !== names[1])
      return tellMistakes(program, [
        `Cannot compare ${names.join(" with ")}: expected two runs of one scenario`,
      ]);
    const comparison = compare(one, other);
    if (json) console.log(JSON.stringify({ scenario: names[0], before, after, ...comparison }));
    else
      console.log(
        [
          `${names[0]}: ${one.report.run} (${one.report.verdict.kind}) with ${other.report.run} (${other.report.verdict.kind})`,
          ...tellComparison(comparison),
          `${comparison.compared} figures compared: ${comparison.worse.length} worse, ${comparison.better.length} better.`,
        ].join("\n"),
      );
    return comparison.worse.length > 0 ? EXIT.fail : EXIT.pass;
  },
};

function attempt<T>(act: () => T): T | Error {
  try {
    return act();
  } catch (error) {
    return error as Error;
  }
}

if (isProgram(import.meta))
  process.exitCode = await runProgram(program, process.argv.slice(2)).catch(tellFailure);
