/** A light, steady client: each visit is one question to a server in its own protocol, so that it has a little to do. */
import { connect } from "node:net";
import { readEndpoint } from "./endpoint.ts";
import { openHttpClient } from "./http-client.ts";
import { total } from "./tally.ts";
import { churn } from "./websocket.ts";

export interface Visitor {
  /** Rejects with what went wrong. */
  visit(): Promise<void>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 5000;
/** A server that does not close what its client has closed is left after that; what it kept, its descriptors tell. */
const LEAVE_MS = 500;

export interface VisitorSettings {
  /** Null: there is nobody to visit. */
  readonly url: string | null;
  /** What is published to a hub at the URL: so many at each visit, and of visits that come late what was due meanwhile. Null for any other server. */
  readonly events: {
    readonly count: number;
    readonly everyMs: number;
    /** Told how many it took, once it has them. */
    readonly onTaken?: (count: number) => void;
  } | null;
  /** Sent with every request and every handshake. */
  readonly headers: Readonly<Record<string, string>>;
}

type Headers = VisitorSettings["headers"];

/**
 * http:// and https:// are asked, at ws:// and wss:// a connection is opened and closed politely, tcp:// and unix: accept one.
 */
export function createVisitor({ url, events, headers }: VisitorSettings): Visitor {
  if (url === null) return { visit: async () => {}, close: async () => {} };
  if (events !== null) return publishEvents(`${url.replace(/^ws/, "http")}events`, events, headers);
  if (/^https?:/.test(url)) return askHttp(url, headers);
  return {
    visit: () => (/^wss?:/.test(url) ? visitWebSocket(url, headers) : openSocket(url)),
    close: async () => {},
  };
}

function askHttp(url: string, headers: Headers): Visitor {
  const { ask, close } = openHttpClient(TIMEOUT_MS);
  return { visit: () => ask(url, { headers }), close };
}

/** No hub keeps more than the last ones of a thousand. */
const MOST_EVENTS = 1000;

function publishEvents(
  url: string,
  { count, everyMs, onTaken }: NonNullable<VisitorSettings["events"]>,
  more: Headers,
): Visitor {
  const { ask, close } = openHttpClient(TIMEOUT_MS);
  let published = 0;
  let lastMs = performance.now();
  return {
    async visit() {
      const visits = Math.max(1, (performance.now() - lastMs) / everyMs);
      lastMs = performance.now();
      const length = Math.min(MOST_EVENTS, Math.round(visits * count));
      const body = JSON.stringify(
        Array.from({ length }, () => ({ level: "info", text: `event ${++published}` })),
      );
      const headers = { ...more, "content-type": "application/json" };
      await ask(url, { method: "POST", headers, body });
      onTaken?.(length);
    },
    close,
  };
}

/**
 * One visit on a connection of its own, to see whether visits are welcome. A WebSocket is when it answers a ping: a server may
 * let everybody in, and close (1008, 4401) whom it does not know.
 */
export async function visitOnce(url: string, headers: Headers): Promise<void> {
  if (/^wss?:/.test(url)) return void (await openWebSocket(url, headers, { confirm: true }));
  const visitor = createVisitor({ url, events: null, headers });
  await visitor.visit().finally(visitor.close);
}

async function visitWebSocket(url: string, headers: Headers): Promise<void> {
  const tookPart = await openWebSocket(url, headers, { confirm: false });
  if (!tookPart) throw new Error("no answer to a close frame");
}

/** Opens one, asks it to answer a ping where that is wanted, and closes it. Answers whether the server took part in the close. */
export async function openWebSocket(
  url: string,
  headers: Headers,
  { confirm }: { readonly confirm: boolean },
): Promise<boolean> {
  const settings = { url, count: 1, headers, timeoutMs: TIMEOUT_MS, confirm };
  const { opened, refused, failed, reasons, ended } = await churn(settings, "polite");
  const [code = ""] = Object.keys(refused);
  const [reason = /^\d{3}$/.test(code) ? `HTTP ${code}` : `closed ${code} ${reasons[code] ?? ""}`.trim()] =
    Object.keys(failed);
  if (opened === 0) throw new Error(`no WebSocket: ${reason}`);
  return ended.late === 0 && total(ended.by) > 0;
}

function openSocket(url: string): Promise<void> {
  const { host, port, socketPath } = readEndpoint(url);
  const socket = connect(socketPath === null ? { host, port } : { path: socketPath });
  const late = () => socket.destroy(socket.connecting ? new Error("no connection in time") : undefined);
  return new Promise((resolve, reject) => {
    socket.setTimeout(TIMEOUT_MS, late);
    socket.once("error", reject).once("close", () => resolve());
    socket.once("connect", () => socket.end().setTimeout(LEAVE_MS));
    socket.resume();
  });
}
