/** Serves the live page of a run on loopback, and pushes to it what happens. It can be left alone: no viewer, no work. */

import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Sample } from "../../host/gauges.ts";
import { keepSamples } from "../../host/kept-samples.ts";
import { describeAll, describeNew, type Phase, type Update } from "./feed.ts";
import { renderLivePage } from "./page.ts";

/** Somebody, and the screen on the wall: each costs a descriptor. */
const MOST_VIEWERS = 4;
const PUSH_MS = 1000;
/** A viewer that does not read is told nothing more until it has. */
const MOST_BUFFERED_BYTES = 2 ** 20;
/** How long viewers may take to read the report when the run has ended. */
const GOODBYE_MS = 2000;

export interface LiveServer {
  /** "http://127.0.0.1:40123/" */
  readonly url: string;
  onPhase(phase: Phase | null): void;
  onSample(sample: Sample): void;
  /** Gives viewers the finished report, which their page becomes, and closes. Never throws. */
  end(html: string | null): Promise<void>;
}

/** Rejects when the port cannot be listened on. Port 0: any that is free. */
export async function serveLive(
  about: { readonly scenario: string; readonly summary: string },
  port: number,
): Promise<LiveServer> {
  const page = renderLivePage(about);
  const viewers = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  const server = createServer((request, response) => {
    if (!isOurs(request)) return response.writeHead(403).end();
    if (request.url !== "/" || request.method !== "GET") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...SECURITY }).end(page);
  });
  // one that comes while no descriptor is left is its own affair
  server.on("error", () => {});
  const isOurs = ({ headers }: IncomingMessage) => headers.host === new URL(url).host;
  const samples = keepSamples();
  const phases: { name: string; startMs: number; endMs: number | null }[] = [];
  let phase: Phase | null = null;
  let pushedMs = Number.NEGATIVE_INFINITY;

  server.on("upgrade", (request, socket: Duplex, head) => {
    socket.on("error", () => socket.destroy());
    // a page of somebody else's in the same browser may not listen
    const welcome =
      isOurs(request) &&
      request.headers.origin === new URL(url).origin &&
      viewers.clients.size < MOST_VIEWERS;
    if (!welcome || request.url !== "/samples") return socket.destroy();
    viewers.handleUpgrade(request, socket, head, (viewer) => {
      viewer.on("error", () => viewer.terminate());
      send(viewer, describeAll(samples.all));
    });
  });

  const describe = (charts: Update["charts"]): string =>
    JSON.stringify({ toMs: samples.all.at(-1)?.atMs ?? 0, phase, phases, charts } satisfies Update);
  const send = (viewer: WebSocket, charts: Update["charts"]) => viewer.send(describe(charts));

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  return {
    url,
    onPhase(next) {
      const { atMs } = samples.all.at(-1) ?? { atMs: 0 };
      const last = phases.at(-1);
      if (last && last.endMs === null) last.endMs = next?.startMs ?? atMs;
      if (next) phases.push({ name: next.name, startMs: next.startMs, endMs: null });
      phase = next;
    },
    onSample(sample) {
      samples.add(sample);
      if (sample.atMs - pushedMs < PUSH_MS) return;
      const sinceMs = pushedMs;
      pushedMs = sample.atMs;
      if (viewers.clients.size === 0) return;
      const message = describe(describeNew(samples.all, sinceMs));
      for (const viewer of viewers.clients)
        if (viewer.readyState === WebSocket.OPEN && viewer.bufferedAmount < MOST_BUFFERED_BYTES)
          viewer.send(message);
    },
    async end(html) {
      const closed = [...viewers.clients].map((viewer) => once(viewer, "close").catch(() => {}));
      for (const viewer of viewers.clients) {
        if (html !== null) viewer.send(JSON.stringify({ html }));
        viewer.close(1000);
      }
      const late = new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
      await Promise.race([Promise.all(closed), late]);
      for (const viewer of viewers.clients) viewer.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Nothing from elsewhere, and no frame around it. What it may talk to is where it came from. */
const SECURITY = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;
