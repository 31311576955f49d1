/** What a collector is: a program that lists a project's tests without running them, and how its list is read. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ChildEnd } from "./child.ts";
import type { Dialect } from "./test-corpus.ts";

export interface Collector {
  readonly name: string;
  /** What it lists: one that names files alone cannot be asked for tests. */
  readonly lists: "tests" | "files";
  /** In which words its tests are written. */
  readonly dialect: Dialect;
  /** What in a project's folder says that it is used there, or null. */
  find(project: string): string | null;
  /** The program and its words, or why it cannot be had. It works in `folder`, whose tests it lists; its program is the project's. */
  command(where: Where): readonly [string, ...string[]] | { readonly missing: string };
  /** `cache`: a path for what it would remember from one list to the next. */
  environment?(cache: string): Readonly<Record<string, string>>;
  /** The names that it listed, and what it could not collect. */
  read(end: Pick<ChildEnd, "stdout" | "stderr" | "exitCode">): Listed;
}

interface Where {
  readonly project: string;
  readonly folder: string;
}

interface Listed {
  /** As it has them: of a file, or of a test in it. */
  readonly names: readonly string[];
  /** A line each. */
  readonly errors: readonly string[];
}

/** The first of these files that a folder has, or null. */
export function firstOf(folder: string, names: readonly string[]): string | null {
  return names.find((name) => existsSync(join(folder, name))) ?? null;
}

/** A program of the project, as npm installs it. */
export function installed(project: string, program: string): string | null {
  const path = join(project, "node_modules/.bin", program);
  return existsSync(path) ? path : null;
}

/** A program that the shell would find. */
export function onPath(program: string): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

/** The last JSON document on standard output: some say hello before. */
export function lastJson(stdout: string, opening: "[" | "{"): unknown {
  try {
    return JSON.parse(stdout.slice(stdout.indexOf(opening)));
  } catch {
    return null;
  }
}

/** What a program said where it listed nothing. */
export function lastWords({
  stdout,
  stderr,
  exitCode,
}: Pick<ChildEnd, "stdout" | "stderr" | "exitCode">): string {
  const words = (stderr.trim() || stdout.trim()).split("\n").slice(-3).join(" / ");
  return `exit code ${exitCode}: ${words.slice(0, 500)}`;
}
