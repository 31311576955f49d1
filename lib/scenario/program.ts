/** A command that is no scenario: its help, every mistake at once, and its values. */
import { EXIT } from "../report/verdict.ts";
import { readCommandLine } from "./command-line.ts";
import type { Options, Values } from "./option.ts";
import { resolveSettings } from "./settings.ts";

export interface Program<O extends Options> {
  /** "scripts/report.ts" */
  readonly file: string;
  /** What stands above the options in its help: how it is called, and what it does. */
  readonly usage: string;
  readonly options: O;
  /** What is wrong with the words that belong to no option; without it there may be none. */
  readonly refuseOperands?: (operands: readonly string[]) => readonly string[];
  run(values: Values<O>, operands: readonly string[]): Promise<number> | number;
}

/** Answers the exit code; an `Error` from `run` is a mistake of the user's, told in its words. */
export async function runProgram<O extends Options>(
  program: Program<O>,
  words: readonly string[],
): Promise<number> {
  const { file, usage, options, refuseOperands } = program;
  // whoever reads has seen enough: head(1)
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.pass);
    throw error;
  });
  const line = readCommandLine(options, words, { operands: refuseOperands !== undefined });
  if (line.help) {
    // it knows every scenario's options, which nothing else waits for
    const { renderOptions } = await import("./help.ts");
    console.log(await renderOptions(usage, { "Options:": options }));
    return EXIT.pass;
  }
  const { values, mistakes } = resolveSettings(options, {
    flags: line.flags,
    environment: process.env,
    profile: "development",
    size: { share: 1, why: "default" },
  });
  const wrong = [...line.mistakes, ...mistakes, ...(refuseOperands?.(line.operands) ?? [])];
  if (wrong.length > 0) {
    console.error([...wrong, `See: ${file} --help`].join("\n"));
    return EXIT.usage;
  }
  return program.run(values, line.operands);
}

/** For `runProgram().catch()`. */
export function tellFailure(error: unknown): number {
  console.error("Proofload itself failed:", error);
  return EXIT.error;
}
