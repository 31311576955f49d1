/** Numbers that a target tells of itself, asked for again and again. What comes back is data: bounded, and never believed blindly. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { askHttp, describeFailure } from "./ask.ts";
import { type Meaning, meaningOf } from "./gauge-meaning.ts";
import { type GaugePick, type GaugeSource, parseGaugeSource } from "./gauge-source.ts";
import { pickSeries, typeOf } from "./prometheus-text.ts";

export interface NamedGauges {
  /** Last values; null with a reason where it could not be had. */
  read(): Readonly<Record<string, number | null>>;
  /** Why a gauge is null, by its name. */
  readonly reasons: ReadonlyMap<string, string>;
  /** What each number is. */
  meanings(): Readonly<Record<string, Meaning>>;
  /** Asks every source now. */
  refresh(): Promise<Readonly<Record<string, number | null>>>;
  stop(): Promise<void>;
}

const TIMEOUT_MS = 2000;
const MOST_BYTES = 2 ** 20;
/** Of a file: the number stands at its beginning. */
const MOST_FILE_BYTES = 4096;

/** Asks at once, then every so often, unless the last round is still on its way. Gauges of one URL share one request. */
export function watchGauges(sources: Readonly<Record<string, string>>, everyMs: number): NamedGauges {
  const groups = groupByPlace(sources);
  const values: Record<string, number | null> = {};
  const meanings: Record<string, Meaning> = {};
  const reasons = new Map<string, string>();
  for (const [name, metric] of listMetrics(groups)) {
    settle({ name, outcome: "not asked yet" });
    meanings[name] = meaningOf([name, metric ?? name], null);
  }
  const over = new AbortController();
  let running: Promise<void> | null = null;

  function settle({ name, outcome, metric, type }: Answer): void {
    values[name] = typeof outcome === "number" ? outcome : null;
    if (typeof outcome === "number") reasons.delete(name);
    else reasons.set(name, outcome);
    if (metric !== undefined && type) meanings[name] = meaningOf([name, metric], type);
  }

  async function askAll(): Promise<void> {
    const asked = groups.map(async (group) => {
      for (const answer of await askGroup(group, over.signal)) settle(answer);
    });
    await Promise.all(asked);
  }

  /** One round at a time: a server in trouble is not to be asked more and more. */
  function start(): Promise<void> {
    running = askAll().finally(() => {
      running = null;
    });
    return running;
  }

  const timer = setInterval(() => void (running ?? start()), everyMs).unref();
  if (groups.length > 0) void start();
  return {
    read: () => ({ ...values }),
    reasons,
    meanings: () => ({ ...meanings }),
    async refresh() {
      // what is on its way was asked before now
      await running;
      await (running ?? start());
      return { ...values };
    },
    async stop() {
      clearInterval(timer);
      over.abort();
      await running;
    },
  };
}

interface Answer {
  readonly name: string;
  /** The number, or why there is none. */
  readonly outcome: number | string;
  /** Of Prometheus: what the target calls it, and what it says it is. */
  readonly metric?: string;
  readonly type?: string | null;
}

type Group =
  | {
      readonly kind: "http";
      readonly url: URL;
      readonly socketPath: string | null;
      readonly picks: [string, GaugePick][];
    }
  | { readonly kind: "file"; readonly path: string; readonly name: string };

function groupByPlace(sources: Readonly<Record<string, string>>): Group[] {
  const groups = new Map<string, Group>();
  for (const [name, text] of Object.entries(sources)) {
    const source = parseGaugeSource(text);
    if (!source) throw new Error(`Cannot watch gauge ${name}: expected a source, got "${text}"`);
    const key = placeOf(source, name);
    const group = groups.get(key);
    if (source.kind === "file") groups.set(key, { kind: "file", path: source.path, name });
    else if (group?.kind === "http") group.picks.push([name, source.pick]);
    else groups.set(key, { ...source, picks: [[name, source.pick]] });
  }
  return [...groups.values()];
}

/** All names, each with that of its metric. */
function listMetrics(groups: readonly Group[]): [string, string | null][] {
  return groups.flatMap((group) =>
    group.kind === "file"
      ? [[group.name, null] as [string, null]]
      : group.picks.map(([name, pick]): [string, string | null] => [name, metricOf(pick)]),
  );
}

function metricOf(pick: GaugePick): string | null {
  return pick.kind === "prom" ? pick.selector.name : null;
}

function placeOf(source: GaugeSource, name: string): string {
  return source.kind === "file" ? `file:${name}` : `${source.socketPath ?? ""} ${source.url.href}`;
}

async function askGroup(group: Group, signal: AbortSignal): Promise<Answer[]> {
  if (group.kind === "file") return [{ name: group.name, outcome: await readNumber(group.path) }];
  const tell = (outcome: (pick: GaugePick) => number | string): Answer[] =>
    group.picks.map(([name, pick]) => ({ name, outcome: outcome(pick) }));
  try {
    const limits = { timeoutMs: TIMEOUT_MS, mostBytes: MOST_BYTES, signal };
    const { status, body } = await askHttp(group, limits);
    if (status < 200 || status > 299) return tell(() => `HTTP ${status}`);
    if (body === null) return tell(() => `an answer of more than ${MOST_BYTES} bytes`);
    const look = readBody(body);
    return group.picks.map(([name, pick]) => {
      const metric = metricOf(pick);
      const told = metric === null ? {} : { metric, type: typeOf(body, metric) };
      return { name, outcome: look(pick), ...told };
    });
  } catch (error) {
    return tell(() => describeFailure(error));
  }
}

/** JSON is parsed once, however many gauges look into it. */
function readBody(body: string): (pick: GaugePick) => number | string {
  let document: { readonly value: unknown } | string | null = null;
  return (pick) => {
    if (pick.kind === "prom") return pickSeries(body, pick.selector);
    if (pick.kind === "text") return pickText(body, pick.pattern);
    document ??= parseJson(body);
    return typeof document === "string" ? document : pickPointer(document.value, pick.pointer);
  };
}

function parseJson(body: string): { value: unknown } | string {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return `expected JSON, got ${JSON.stringify(body.slice(0, 80))}`;
  }
}

function pickPointer(document: unknown, pointer: readonly string[]): number | string {
  let at = document;
  for (const step of pointer) {
    // "01" and "1.0" are no places in a list (RFC 6901, section 4)
    const there = Array.isArray(at) ? /^(0|[1-9]\d*)$/.test(step) : typeof at === "object" && at !== null;
    if (!there || !Object.hasOwn(at as object, step)) return `there is no /${pointer.join("/")}`;
    at = (at as Record<string, unknown>)[step];
  }
  return typeof at === "number" ? at : `expected a number, got ${JSON.stringify(at)?.slice(0, 80)}`;
}

function pickText(body: string, pattern: RegExp): number | string {
  const found = pattern.exec(body)?.[1];
  if (found === undefined) return `expected ${pattern}, got ${JSON.stringify(body.slice(0, 80))}`;
  const number = found.trim() === "" ? Number.NaN : Number(found);
  return Number.isFinite(number) ? number : `expected a number, got ${JSON.stringify(found.slice(0, 80))}`;
}

/** The first number in it, as in the files of /proc and /sys. */
async function readNumber(path: string): Promise<number | string> {
  try {
    // a pipe that nobody writes to would hold a thread for ever
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_FILE_BYTES), 0, MOST_FILE_BYTES, 0);
      const text = buffer.toString("utf8", 0, bytesRead);
      const number = /[-+]?\d+(\.\d+)?([eE][-+]?\d+)?/.exec(text)?.[0];
      return number === undefined
        ? `expected a number, got ${JSON.stringify(text.slice(0, 80))}`
        : Number(number);
    } finally {
      await file.close();
    }
  } catch (error) {
    return describeFailure(error);
  }
}
