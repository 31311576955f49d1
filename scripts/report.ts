#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Renders a report that a run has left: for a terminal, a browser, mail, JUnit, Prometheus or GitHub. */
import { FORMATS } from "../lib/report/format-names.ts";
import { replaceFile } from "../lib/report/replace-file.ts";
import { EXIT } from "../lib/report/verdict.ts";
import { isProgram } from "../lib/scenario/main.ts";
import { optional } from "../lib/scenario/option.ts";
import { type Program, runProgram, tellFailure, tellMistakes } from "../lib/scenario/program.ts";
import { choice, flag, text } from "../lib/scenario/text-options.ts";

const options = {
  from: text({ default: "", placeholder: "FILE", help: "a report.json, or the folder of a run" }),
  format: choice(FORMATS, { default: "terminal", help: "what to make of it" }),
  to: optional(
    text({ default: "", placeholder: "FILE", help: "where to, whole or not at all" }),
    "standard output",
  ),
  json: flag({ help: "the same as --format json" }),
} as const;

const program: Program<typeof options> = {
  file: "scripts/report.ts",
  usage: `scripts/report.ts --from FILE [--format FORMAT] [--to FILE]

Render a report that a run has left, of a scenario, of stress-all or of the fault matrix, also of an older version.

  terminal    the summary that ended the run
  markdown    for mail and job summaries
  html        one page with charts, for any browser
  json        the report itself, in the newest version of its schema
  junit       JUnit XML: an invariant is a test case
  prometheus  text for the node exporter's textfile collector
  github      annotations, as workflow commands

Exit codes: 0 it was rendered, whatever its verdict; 2 usage, or no report.`,
  options,
  refuse: ({ values }) => (values.from === "" ? ["Cannot render nothing: expected --from FILE"] : []),
  async run({ from, format, to, json }) {
    // schemas and pages: nothing that help should wait for
    const [{ renderAs }, { readReport }] = await Promise.all([
      import("../lib/report/formats.ts"),
      import("../lib/report/read-report.ts"),
    ]);
    try {
      const rendered = renderAs(json ? "json" : format, readReport(from), process.stdout.columns || 80);
      if (to === null) process.stdout.write(rendered);
      else replaceFile(to, rendered);
      return EXIT.pass;
    } catch (error) {
      return tellMistakes(program, [(error as Error).message]);
    }
  },
};

if (isProgram(import.meta))
  process.exitCode = await runProgram(program, process.argv.slice(2)).catch(tellFailure);
