/** What a target is: how it is started or found, reached, known to be ready and asked; as flags and target files give it. */
import { basename } from "node:path";
import { type Address, isSamePlace, parseUrl, readUrl, remoteHost } from "./address.ts";

export interface TargetSpec {
  /** Shown in reports: the target file's name, the command's program, "pid 123", or the URL's host. */
  readonly name: string;
  /** Words; {port} and {dir} not yet filled in. */
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory of the command. */
  readonly directory: string | null;
  /** Written into {dir} before the start: file name → text, with {port} and {dir}. */
  readonly files: Readonly<Record<string, string>>;
  /** Programs that have to be on PATH, beside the command's own. */
  readonly requires: readonly string[];
  /** One that already runs. */
  readonly pid: number | null;
  /** ws:// wss:// http:// https:// tcp:// unix:/path; {port} and {dir} allowed. */
  readonly url: string | null;
  /** "http://…", "tcp:PORT", "tcp://host:port", "unix:/path", "output:PATTERN" (a regular expression). */
  readonly ready: string | null;
  /** http(s)://, tcp:// or unix:/path:/http-path. */
  readonly health: string | null;
  /** NAME → json:URL#/pointer · prom:URL#metric{label="x"} · text:URL#regex · file:PATH. */
  readonly gauges: Readonly<Record<string, string>>;
  /** "127.0.0.1:9229": of a Node or Deno that runs with --inspect. */
  readonly inspector: string | null;
  /** What clients send to its URL: questions to the same server are asked with them, too. They may be secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly stopSignal: NodeJS.Signals;
  /** Of a target file: settings by scenario, "*" for all, { "idle-soak": { "warm-up": "30s" } }. */
  readonly options: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Adds to what was given what nobody has to give. */
export function completeSpec(given: Partial<TargetSpec>): TargetSpec {
  const spec = {
    command: null,
    environment: {},
    directory: null,
    files: {},
    requires: [],
    pid: null,
    url: null,
    ready: null,
    health: null,
    gauges: {},
    inspector: null,
    headers: {},
    stopSignal: "SIGTERM",
    options: {},
    ...given,
  } as const;
  return { ...spec, name: given.name ?? nameOf(spec) };
}

/** The same with ports and a folder in place of {port}, {port2} and {dir}. Without a port, {port} stays. */
export function fillSpec(
  spec: TargetSpec,
  place: { port: number | null; port2?: number | null; dir: string },
): TargetSpec {
  const { port, port2 = null, dir } = place;
  const values = { dir, ...(port !== null && { port }), ...(port2 !== null && { port2 }) };
  const fill = (text: string) =>
    Object.entries(values).reduce((all, [name, value]) => all.replaceAll(`{${name}}`, String(value)), text);
  const fillMaybe = (text: string | null) => (text === null ? null : fill(text));
  const fillAll = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fill(text)]));
  return {
    ...spec,
    command: spec.command?.map(fill) ?? null,
    environment: fillAll(spec.environment),
    directory: fillMaybe(spec.directory),
    files: fillAll(spec.files),
    url: fillMaybe(spec.url),
    ready: fillMaybe(spec.ready),
    health: fillMaybe(spec.health),
    gauges: fillAll(spec.gauges),
    inspector: fillMaybe(spec.inspector),
  };
}

/** The address with the headers that clients send, where it is the same server that they visit. */
export function introduce<A extends Address>(
  { url, headers }: Pick<TargetSpec, "url" | "headers">,
  to: A,
): A {
  const visited = url === null ? null : parseUrl(url);
  return visited && to.kind === "http" && isSamePlace(visited, to) ? { ...to, headers } : to;
}

/** Every host but this one that the target's addresses name, each once: for --allow-remote. */
export function remoteHosts(spec: TargetSpec): string[] {
  const sources = Object.values(spec.gauges).map((source) => source.replace(/^(json|prom|text):/, ""));
  const inspector = spec.inspector === null ? [] : [`tcp://${spec.inspector}`];
  const all = [spec.url, spec.ready, spec.health, ...sources, ...inspector];
  return [...new Set(all.flatMap((text) => (text === null ? [] : (remoteHost(text) ?? []))))];
}

function nameOf({ command, pid, url }: Omit<TargetSpec, "name">): string {
  if (command?.[0]) return basename(command[0]);
  if (pid !== null) return `pid ${pid}`;
  if (url === null) return "target";
  return url.startsWith("unix:") ? url : readUrl(url.replaceAll("{port}", "1"))?.hostname || url;
}
