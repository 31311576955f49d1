/** The hub's command line: read with a schema, and every mistake told at once. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { z } from "zod";
import { BEHAVIOURS, type BehaviourName, FAULTS, type FaultName } from "./faults.ts";

export interface CommandLine {
  readonly settings: Settings;
  readonly help: boolean;
  readonly listFaults: boolean;
  readonly json: boolean;
}

/** The command line, or its mistakes, a sentence each. The token may also come as HUB_TOKEN, which no process list shows. */
export function readCommandLine(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine | { readonly mistakes: readonly string[] } {
  const { tokens } = parseArgs({ args: [...words], strict: false, tokens: true, options: PARSED });
  const given: Record<string, unknown> = environment.HUB_TOKEN ? { token: environment.HUB_TOKEN } : {};
  const mistakes: string[] = [];
  const switches = new Set<string>();
  let unknownAt = Number.NaN;
  for (const token of tokens) {
    // what follows an unknown option is its value, no second mistake
    if (token.kind === "positional" && token.index !== unknownAt + 1)
      mistakes.push(`Cannot take ${quote(token.value)}: expected an option`);
    if (token.kind !== "option") continue;
    const { name, value } = token;
    if (Object.hasOwn(SWITCHES, name)) {
      if (value === undefined) switches.add(name);
      else mistakes.push(`Cannot take --${name} ${quote(value)}: expected no value`);
    } else if (!Object.hasOwn(SHAPE, toKey(name)) || name !== toKebab(toKey(name))) {
      if (value === undefined) unknownAt = token.index;
      mistakes.push(`Cannot take ${quote(token.rawName)}: expected one of the options that --help lists`);
    } else if (value === undefined || (!token.inlineValue && value.startsWith("--")))
      mistakes.push(`Cannot take --${name}: expected a value, got ${quote(value ?? "none")}`);
    else if (name === "fault" || name === "behave")
      given[name] = [...((given[name] as string[]) ?? []), ...value.split(",")];
    else given[toKey(name)] = value;
  }
  const parsed = SCHEMA.safeParse(given);
  if (!parsed.success) mistakes.push(...parsed.error.issues.map((issue) => describeIssue(issue, given)));
  if (!parsed.success || mistakes.length > 0) return { mistakes };
  return {
    settings: parsed.data,
    help: switches.has("help"),
    listFaults: switches.has("list-faults"),
    json: switches.has("json"),
  };
}

function whole(least: number, most: number) {
  const expected = `expected a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .pipe(z.number().min(least, expected).max(most, expected));
}

const token = z.string().regex(/^[\x21-\x7e]{1,200}$/, "expected 1 to 200 printable characters");
const names = <Name extends string>(table: Record<Name, unknown>) =>
  z.array(z.enum(Object.keys(table) as Name[], `expected one of ${Object.keys(table).join(", ")}`));

const HOUR_MS = 3_600_000;
const SHAPE = {
  port: whole(0, 65_535).default(0).describe("where to listen; 0 takes any free one"),
  ports: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, "expected two ports, FROM-TO")
    .transform((text) => text.split("-").map(Number) as [from: number, to: number])
    .refine(([from, to]) => from > 0 && from <= to && to <= 65_535, "expected FROM-TO, 1 to 65535")
    .optional()
    .describe("in place of --port: the first of these that is free"),
  sighup: z
    .enum(["stop", "reload"], "expected stop or reload")
    .default("stop")
    .describe("what SIGHUP means: a clean stop, or to write its state anew and go on"),
  host: z
    .string()
    .regex(/^(127(\.\d{1,3}){3}|::1|localhost)$/, "expected an address of loopback")
    .default("127.0.0.1")
    .describe("address of loopback"),
  dir: z.string().min(1).optional().describe("lock, pid file and state; else a private folder of its own"),
  token: token.optional().describe("asked of every client; HUB_TOKEN in the environment is the same"),
  adminToken: token.optional().describe("asked in the namespace /admin, which sees every event"),
  ring: whole(1, 1_000_000).default(1000).describe("events in the ring buffer"),
  ttl: whole(1, HOUR_MS).default(10_000).describe("how long an event lives, ms"),
  sweepMs: whole(10, HOUR_MS).default(500).describe("between two looks for what has expired"),
  cap: whole(0, 100_000).default(100).describe("subscribers at most, WebSocket and Socket.IO together"),
  managers: whole(1, 100_000).default(200).describe("users at most whom it knows at a time"),
  offline: whole(0, 100_000).default(100).describe("events kept for a user who is away"),
  offlineTtlMs: whole(1, HOUR_MS).default(30_000).describe("how long it knows a user who is away"),
  namespaces: z
    .string()
    .regex(/^[\w-]{1,32}(,[\w-]{1,32}){0,15}$/, "expected names of letters, digits, _ and -, with commas")
    .transform((text) => text.split(","))
    .default([])
    .describe("of Socket.IO, beside / and /admin; names with commas"),
  heartbeatMs: whole(10, HOUR_MS).default(2000).describe("between two pings"),
  missedBeats: whole(1, 100).default(2).describe("unanswered pings, after which a client is dropped"),
  maxMessageBytes: whole(64, 16_777_216).default(65_536).describe("longest message of a client"),
  maxBodyBytes: whole(64, 16_777_216).default(1_048_576).describe("longest body of a request"),
  stopWithinMs: whole(1, HOUR_MS).default(2000).describe("until open connections are cut at the stop"),
  crashAfterMs: whole(1, HOUR_MS)
    .optional()
    .describe("throw an exception that nobody catches, after so long"),
  lateAfterMs: whole(0, HOUR_MS).default(20_000).describe("when late-leak begins"),
  leakBytes: whole(1, 16_777_216).optional().describe("kept per batch or connection by a memory fault"),
  leakEvery: whole(1, 1_000_000).optional().describe("batches or connections per descriptor kept by a fault"),
  fault: names<FaultName>(FAULTS).default([]).describe("plant a fault; names with commas, or repeated"),
  behave: names<BehaviourName>(BEHAVIOURS).default([]).describe("do what is healthy but looks like a leak"),
};

const SCHEMA = z.object(SHAPE);
export type Settings = z.output<typeof SCHEMA>;

const SWITCHES = {
  "list-faults": "print what can be planted, and end",
  json: "with --list-faults: as one JSON document",
  help: "print this, and end",
};

const toKebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const toKey = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const PARSED: ParseArgsConfig["options"] = {
  ...Object.fromEntries(Object.keys(SHAPE).map((key) => [toKebab(key), { type: "string", multiple: true }])),
  ...Object.fromEntries(Object.keys(SWITCHES).map((name) => [name, { type: "boolean" }])),
};

export function helpText(): string {
  const options = Object.entries(SHAPE).map(([key, schema]) => {
    const usual = schema.safeParse(undefined).data;
    const shown = usual === undefined || Array.isArray(usual) ? "" : ` (${usual})`;
    return `  --${toKebab(key).padEnd(18)} ${schema.description}${shown}`;
  });
  const switches = Object.entries(SWITCHES).map(([name, help]) => `  --${name.padEnd(18)} ${help}`);
  return [
    "hub.ts: a WebSocket, Socket.IO and HTTP event server, correct unless told otherwise.",
    "",
    ...options,
    ...switches,
    "",
    "Ends with 0 after SIGTERM or SIGINT, 2 for a wrong command line, 69 when it cannot listen, 70 after an exception, 75 when one runs already.",
  ].join("\n");
}

function describeIssue(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const [key, index] = issue.path;
  const value = given[String(key)];
  const got = Array.isArray(value) ? value[Number(index)] : value;
  return `Cannot take --${toKebab(String(key))} ${quote(String(got))}: ${issue.message}`;
}

/** What came from outside, short and without control characters. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
