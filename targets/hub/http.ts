/** The hub over plain HTTP: health, statistics, events in and out. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { cleanUp } from "./cleanup.ts";
import type { Hub } from "./core.ts";
import { batchSchema, levelSchema, passesLevel } from "./messages.ts";
import { collectStats, renderMetrics } from "./stats.ts";
import { readToken, readUrl } from "./subscription.ts";

type Answer = { readonly status: number; readonly body: unknown };
type Route = (hub: Hub, url: URL, request: IncomingMessage) => Answer | Promise<Answer>;

const ROUTES: Readonly<Record<string, Route>> = {
  "GET /": () => ({ status: 200, body: { name: "hub", see: ["/health", "/stats", "/metrics", "/events"] } }),
  "GET /health": ({ state }) =>
    state === "running" ? { status: 200, body: { status: "ok" } } : { status: 503, body: { status: state } },
  "GET /stats": (hub) => ({ status: 200, body: collectStats(hub) }),
  "GET /metrics": (hub) => ({ status: 200, body: renderMetrics(hub) }),
  "GET /events": listEvents,
  "POST /events": publishEvents,
  "POST /cleanup": cleanUpNow,
  "POST /crash": crash,
};
/** Whoever watches the hub needs no token. */
const OPEN = new Set(["GET /", "GET /health", "GET /stats", "GET /metrics"]);

export async function answer(hub: Hub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await route(hub, request);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": typeof body === "string" ? "text/plain; version=0.0.4" : "application/json",
    "content-length": Buffer.byteLength(text),
    // what is left of a body that was refused is not read
    ...(status === 413 || hub.state !== "running" ? { connection: "close" } : {}),
  });
  response.end(text);
}

async function route(hub: Hub, request: IncomingMessage): Promise<Answer> {
  const url = readUrl(request);
  const path = url?.pathname ?? "";
  const name = `${request.method} ${path}`;
  const handle = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (!url || !handle) {
    const known = Object.keys(ROUTES).some((one) => one.endsWith(` ${path}`));
    return known ? refusal(405, "method not allowed") : refusal(404, "not found");
  }
  if (!OPEN.has(name) && hub.door.opensUntil(readToken(request, url), "/") === null)
    return refusal(401, "wrong token");
  return handle(hub, url, request);
}

const refusal = (status: number, error: string): Answer => ({ status, body: { error } });

/** What is in the ring for everybody. */
function listEvents(hub: Hub, url: URL): Answer {
  const level = levelSchema.safeParse(url.searchParams.get("level") ?? "debug");
  if (!level.success) return refusal(400, "expected a level: debug, info, warn or error");
  const events = hub.ring
    .list()
    .filter(({ namespace, user, room }) => namespace === "/" && user === undefined && room === undefined)
    .filter((event) => passesLevel(event, level.data));
  return { status: 200, body: { events } };
}

async function publishEvents(hub: Hub, _url: URL, request: IncomingMessage): Promise<Answer> {
  const text = await readBody(request, hub.settings.maxBodyBytes);
  if (text === null) return refusal(413, `expected at most ${hub.settings.maxBodyBytes} bytes`);
  const batch = batchSchema.safeParse(parseJson(text));
  if (!batch.success) return refusal(400, "expected an event {level, user?, text}, or an array of 1 to 1000");
  hub.publisher.publish(batch.data);
  return { status: 202, body: { accepted: batch.data.length } };
}

/** What it has to forget, it forgets before it answers, or soon after. */
function cleanUpNow(hub: Hub, url: URL): Answer {
  cleanUp(hub, url.searchParams.has("emergency") ? "emergency" : "away");
  return { status: 202, body: { managers: hub.managers.count, offline: hub.managers.offline } };
}

/** As a bug would: an exception that nobody catches. */
function crash(): Answer {
  setImmediate(() => {
    throw new Error("POST /crash asked for an exception");
  });
  return { status: 202, body: { crashesAtMs: Math.round(performance.now()) } };
}

/** Null when it is longer. */
async function readBody(request: IncomingMessage, mostBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined for what is no JSON, which no schema takes. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
