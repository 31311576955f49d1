/** A container engine's API, as far as Proofload uses it: Docker's, or Podman's compatible one (Docker Engine API 1.41). */
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { z } from "zod";
import type { EngineAddress } from "./address.ts";
import { EngineError } from "./engine-error.ts";
import {
  createdSchema,
  type Execution,
  executionSchema,
  type Inspected,
  inspectSchema,
  listSchema,
  refusalSchema,
  versionSchema,
} from "./schemas.ts";

/** Which containers are meant: each condition is one more way to be meant, as names beside labels are. */
interface Selection {
  /** By name or id. */
  readonly names: readonly string[];
  /** `key` or `key=value`. */
  readonly labels: readonly string[];
}

/** What a container is made of (the API's own names). */
export interface ContainerSpec {
  readonly Image: string;
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck?: {
    readonly Test: readonly string[];
    /** ns. */
    readonly Interval: number;
    readonly Timeout: number;
    readonly Retries: number;
  };
  readonly StopTimeout?: number;
  readonly HostConfig: {
    readonly NetworkMode: "none" | "host";
    readonly Memory?: number;
    readonly MemorySwap?: number;
    readonly NanoCpus?: number;
    readonly PidsLimit?: number;
    readonly RestartPolicy?: { readonly Name: "no" | "always" | "on-failure" };
  };
}

/** Every question rejects with an EngineError where the engine refuses ("no such container: x"), or is gone. */
export interface Engine {
  /** "Docker 20.10.24". */
  readonly name: string;
  /** Their ids; and of what was named, what there is not. */
  find(
    selection: Selection,
  ): Promise<{ readonly ids: readonly string[]; readonly missing: readonly string[] }>;
  /** Every container's id, running or not. */
  all(): Promise<readonly string[]>;
  /** Null: it is gone. */
  inspect(id: string): Promise<Inspected | null>;
  /** Events of containers from then on (ms of the clock), as they come, a JSON document a line; ends with the signal or the engine. */
  events(sinceMs: number, signal: AbortSignal): Promise<Readable>;
  create(name: string, spec: ContainerSpec): Promise<string>;
  act(id: string, what: "start" | "restart" | "kill" | "stop"): Promise<void>;
  /**
   * Starts a command in it, does not wait for its end, and answers what it is asked for by. A signal so sent, unlike the
   * API's own, is no wish that it should stop.
   */
  run(id: string, command: readonly string[]): Promise<string>;
  execution(execution: string): Promise<Execution>;
  /** Starts a command likewise, and waits. */
  runToEnd(id: string, command: readonly string[]): Promise<Execution>;
  /** With force, running or not; what is gone already is no error. */
  remove(id: string): Promise<void>;
  /** An image out of a tar of its files. */
  importImage(tar: Readable, name: string, tag: string): Promise<void>;
  removeImage(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A question, not a stream: engines answer in milliseconds, and stop a container in ten seconds at most unless told otherwise. */
const ANSWER_WITHIN_MS = 60_000;
const CONNECTIONS = 8;
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
const API = "/v1.41";

/** Answers why there is none, as a sentence's end: "refuses connections at …". The library is loaded here, as help does without it. */
export async function openEngine(address: EngineAddress): Promise<Engine | { readonly missing: string }> {
  const { Pool } = await import("undici");
  const pool = new Pool(address.origin, {
    connections: CONNECTIONS,
    connect: { ...(address.socketPath !== null && { socketPath: address.socketPath }), timeout: 5000 },
    headersTimeout: ANSWER_WITHIN_MS,
    // the stream of events is silent as long as nothing happens
    bodyTimeout: 0,
  });
  try {
    const { body, headers } = await pool.request({ method: "GET", path: "/version" });
    const { Version } = versionSchema.parse(JSON.parse(await readText(body)));
    const kind = /libpod/i.test(String(headers.server)) ? "Podman" : "Docker";
    return createEngine(`${kind} ${Version}`, pool);
  } catch (error) {
    await pool.destroy();
    return { missing: tellMissing(error, address.shown) };
  }
}

function tellMissing(error: unknown, where: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `there is no socket ${where}`;
  if (code === "ECONNREFUSED") return `no engine listens at ${where}`;
  if (code === "EACCES") return `no permission to connect to ${where}: root, or a member of its group, may`;
  if (code) return `${where} cannot be asked: ${message}`;
  return `what listens at ${where} is no engine`;
}

function createEngine(name: string, pool: Dispatcher): Engine {
  async function request(
    method: "GET" | "POST" | "DELETE",
    path: string,
    more: Partial<Dispatcher.RequestOptions> = {},
  ): Promise<Dispatcher.ResponseData["body"]> {
    const { statusCode, body } = await pool
      .request({ method, path: `${API}${path}`, ...more })
      .catch(tellGone);
    // 304: it is so already
    if (statusCode < 400) return body;
    throw new EngineError(await readRefusal(body, statusCode), statusCode);
  }
  async function ask<T>(schema: z.ZodType<T>, ...question: Parameters<typeof request>): Promise<T> {
    return schema.parse(JSON.parse(await readText(await request(...question))));
  }
  async function tell(...question: Parameters<typeof request>): Promise<void> {
    await readText(await request(...question));
  }
  async function unlessGone<T>(question: Promise<T>): Promise<T | null> {
    return question.catch((error: Error) => {
      if (error instanceof EngineError && error.status === 404) return null;
      throw error;
    });
  }
  const list = (filters: Readonly<Record<string, readonly string[]>>) =>
    ask(listSchema, "GET", "/containers/json", { query: { all: true, filters: JSON.stringify(filters) } });
  const container = (id: string) => `/containers/${encodeURIComponent(id)}`;
  const json = (value: unknown) => ({
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  });

  return {
    name,
    async find({ names, labels }) {
      const ids = new Set<string>();
      const missing: string[] = [];
      for (const one of names) {
        const found = await unlessGone(ask(inspectSchema, "GET", `${container(one)}/json`));
        if (found) ids.add(found.Id);
        else missing.push(one);
      }
      for (const label of labels) {
        const found = await list({ label: [label] });
        for (const { Id } of found) ids.add(Id);
        if (found.length === 0) missing.push(`label ${label}`);
      }
      return { ids: [...ids], missing };
    },
    all: async () => (await list({})).map(({ Id }) => Id),
    inspect: (id) => unlessGone(ask(inspectSchema, "GET", `${container(id)}/json`)),
    events: (sinceMs, signal) =>
      request("GET", "/events", {
        query: { since: (sinceMs / 1000).toFixed(9), filters: JSON.stringify({ type: ["container"] }) },
        signal,
        headersTimeout: 0,
      }),
    async create(named, spec) {
      const { Id } = await ask(createdSchema, "POST", "/containers/create", {
        query: { name: named },
        ...json(spec),
      });
      return Id;
    },
    async run(id, command) {
      const { Id } = await ask(createdSchema, "POST", `${container(id)}/exec`, json({ Cmd: command }));
      await tell("POST", `/exec/${Id}/start`, json({ Detach: true }));
      return Id;
    },
    execution: (id) => ask(executionSchema, "GET", `/exec/${id}/json`),
    async runToEnd(id, command) {
      const attached = { Cmd: command, AttachStdout: true, AttachStderr: true };
      const { Id } = await ask(createdSchema, "POST", `${container(id)}/exec`, json(attached));
      // its output lasts as long as it does
      await tell("POST", `/exec/${Id}/start`, json({ Detach: false }));
      return this.execution(Id);
    },
    act: (id, what) => tell("POST", `${container(id)}/${what}`),
    async remove(id) {
      await unlessGone(tell("DELETE", container(id), { query: { force: true, v: true } }));
    },
    importImage: (tar, repo, tag) =>
      tell("POST", "/images/create", {
        query: { fromSrc: "-", repo, tag },
        headers: { "content-type": "application/x-tar" },
        body: tar,
      }),
    async removeImage(image) {
      await unlessGone(tell("DELETE", `/images/${image}`, { query: { force: true } }));
    },
    close: () => pool.destroy(),
  };
}

function tellGone(error: Error): never {
  throw new EngineError(`The container engine cannot be asked any more: ${error.message}`, null, error);
}

async function readText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error(`an answer of more than ${MOST_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function readRefusal(body: Dispatcher.ResponseData["body"], status: number): Promise<string> {
  const text = await readText(body);
  try {
    return refusalSchema.parse(JSON.parse(text)).message;
  } catch {
    return `HTTP ${status}`;
  }
}
