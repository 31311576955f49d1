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
  /** Whether words that belong to no option are taken: files, say. */
  readonly operands?: true;
  /** What is missing, or too much, beside what each option finds wrong itself. */
  readonly refuse?: (given: Given<O>) => readonly string[];
  run(values: Values<O>, operands: readonly string[]): Promise<number> | number;
}

interface Given<O extends Options> {
  readonly values: Values<O>;
  readonly operands: readonly string[];
  /** Every option could be read: none of the values stands in for one that could not. */
  readonly readable: boolean;
}

/** Answers the exit code. */
export async function runProgram<O extends Options>(
  program: Program<O>,
  words: readonly string[],
): Promise<number> {
  const { usage, options, operands = false, refuse } = program;
  // whoever reads has seen enough: head(1)
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.pass);
    throw error;
  });
  const line = readCommandLine(options, words, { operands });
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
  const given = { values, operands: line.operands, readable: mistakes.length === 0 };
  const wrong = [...line.mistakes, ...mistakes, ...(refuse?.(given) ?? [])];
  return wrong.length > 0 ? tellMistakes(program, wrong) : program.run(values, line.operands);
}

/** Also of what turns out later: a file that cannot be read. Answers the exit code. */
export function tellMistakes({ file }: { readonly file: string }, mistakes: readonly string[]): number {
  console.error([...mistakes, `See: ${file} --help`].join("\n"));
  return EXIT.usage;
}

/** For `runProgram().catch()`. */
export function tellFailure(error: unknown): number {
  console.error("Proofload itself failed:", error);
  return EXIT.error;
}
