/** Target files: a target written down as JSON, for --target FILE. */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { refuseHealth, refuseInspector, refuseReady, refuseUrl } from "./address.ts";
import { readWords, refuseCommand } from "./command-words.ts";
import { describeIssues } from "./describe-issues.ts";
import { refuseGaugeName, refuseGaugeSource } from "./gauge-source.ts";
import { completeSpec, type TargetSpec } from "./spec.ts";

/** Longer than any that a person writes. */
const MOST_BYTES = 2 ** 20;

const STOP_SIGNALS = [
  "SIGTERM",
  "SIGINT",
  "SIGQUIT",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGWINCH",
  "SIGKILL",
] as const;

/** Text that one of the refuse functions accepts. */
function accepted(refuse: (text: string) => string | null, description: string) {
  return z
    .string()
    .superRefine((text, context) => {
      const expected = refuse(text);
      if (expected !== null) context.addIssue({ code: "custom", message: expected });
    })
    .meta({ description });
}

const word = z.union([z.string(), z.number(), z.boolean()]);

export const targetFileSchema = z.strictObject({
  $schema: z.string().optional(),
  name: accepted(refuseName, "shown in reports; else the file's name").optional(),
  description: z.string().optional().meta({ description: "for whoever reads the file" }),
  command: z
    .union([
      accepted(refuseCommand, "a text, cut into words as a POSIX shell would"),
      z.array(z.string()).min(1),
    ])
    .optional()
    .meta({
      description:
        "starts it, without a shell; {port}, {port2} and {dir} become free ports and a fresh folder",
    }),
  environment: z.record(z.string().min(1), word).optional().meta({ description: "added to the environment" }),
  directory: z.string().min(1).optional().meta({
    description: "where the command works; relative to this file, whose folder is the default",
  }),
  files: z
    .record(accepted(refuseFileName, "a name inside {dir}"), z.string())
    .optional()
    .meta({ description: "written into {dir} before the start; {port} and {dir} are filled in" }),
  requires: z.array(z.string().min(1)).optional().meta({ description: "programs that have to be on PATH" }),
  pid: z.int().positive().optional().meta({ description: "one that already runs, in place of a command" }),
  url: accepted(refuseUrl, "where clients connect").optional(),
  ready: accepted(refuseReady, "when it is up; else once its URL accepts connections").optional(),
  health: accepted(refuseHealth, "asked all the time").optional(),
  gauges: z
    .record(
      accepted(refuseGaugeName, "a word"),
      accepted(refuseGaugeSource, "json:URL#/pointer, prom:URL#metric, text:URL#pattern or file:PATH"),
    )
    .optional()
    .meta({ description: "numbers that it tells of itself, by name" }),
  inspector: accepted(
    refuseInspector,
    "HOST:PORT of a Node or Deno that runs with --inspect: its live bytes are measured",
  ).optional(),
  stopSignal: z.enum(STOP_SIGNALS).optional().meta({ description: "asks it to end; SIGTERM by default" }),
  options: z.record(z.string(), z.record(z.string(), word)).optional().meta({
    description:
      'settings of scenarios, "*" for those that all of them have: { "idle-soak": { "warm-up": "30s" }, "*": { "target-settle": "20s" } }',
  }),
});

type TargetFile = z.infer<typeof targetFileSchema>;

export type TargetFileRead = { readonly spec: TargetSpec } | { readonly mistakes: readonly string[] };

/** Reads one. All that is wrong with it is told at once, a sentence each. */
export function readTargetFile(path: string): TargetFileRead {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) return refuse(path, `expected at most ${MOST_BYTES} bytes, got ${size}`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    return refuse(path, `expected a target file, got ${(error as NodeJS.ErrnoException).code}`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return refuse(path, `expected JSON, got "${text.trim().slice(0, 40)}": ${(error as Error).message}`);
  }
  const { data, error } = targetFileSchema.safeParse(document);
  const issues = [...(error?.issues ?? []), ...findContradictions(document)];
  if (issues.length > 0 || !data) {
    return { mistakes: describeIssues(path, document, issues, Object.keys(targetFileSchema.shape)) };
  }
  return { spec: toSpec(data, path) };
}

/** What fields say together; told beside what is wrong with each, so they are not yet parsed here. */
function findContradictions(document: unknown): z.core.$ZodIssueCustom[] {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return [];
  const { command, pid, url } = document as Record<string, unknown>;
  const found: z.core.$ZodIssueCustom[] = [];
  const add = (path: string[], message: string) => found.push({ code: "custom", path, message });
  if (command !== undefined && pid !== undefined) add(["pid"], "a command or a pid, not both");
  if (command === undefined && pid === undefined && url === undefined) add([], "a command, a pid or a url");
  if (command === undefined && typeof url === "string" && url.includes("{port}"))
    add(["url"], "a port, as nothing is started");
  return found;
}

function toSpec(file: TargetFile, path: string): TargetSpec {
  const folder = dirname(resolve(path));
  const { $schema: _, description: __, command, environment, gauges, options, ...same } = file;
  const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
  return completeSpec({
    ...given,
    name: file.name ?? basename(path, ".json"),
    command: typeof command === "string" ? readWords(command) : (command ?? null),
    environment: toTexts(environment),
    directory: file.directory?.startsWith("{dir}") ? file.directory : resolve(folder, file.directory ?? "."),
    gauges: Object.fromEntries(
      Object.entries(gauges ?? {}).map(([name, source]) => [name, placeFile(source, folder)]),
    ),
    options: Object.fromEntries(
      Object.entries(options ?? {}).map(([scenario, settings]) => [scenario, toTexts(settings)]),
    ),
  });
}

/** A file beside the target file is meant, wherever the run is started. */
function placeFile(source: string, folder: string): string {
  const file = source.startsWith("file:") ? source.slice("file:".length) : null;
  if (file === null || isAbsolute(file) || file.startsWith("{dir}")) return source;
  return `file:${join(folder, file)}`;
}

function toTexts(values: Readonly<Record<string, string | number | boolean>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function refuse(path: string, what: string): TargetFileRead {
  return { mistakes: [`Cannot read ${path}: ${what}`] };
}

function refuseName(name: string): string | null {
  return name.length > 0 && name.length <= 64 ? null : "1 to 64 characters";
}

function refuseFileName(name: string): string | null {
  const steps = name.split("/");
  const inside = name !== "" && !isAbsolute(name) && !steps.includes("..") && !name.includes("\0");
  return inside ? null : "a name inside {dir}, without ..";
}
