/** Opens the hub's port for HTTP, WebSocket and Socket.IO, and closes it with everything that came through it. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Hub } from "./core.ts";
import { answer } from "./http.ts";
import { refuseUpgrade } from "./refusal.ts";
import { createSocketIo } from "./socket-io.ts";
import { createUpgrade } from "./websocket.ts";

export interface HubServer {
  /** "http://127.0.0.1:8080" */
  readonly url: string;
  /** Tells every client, waits a while, cuts the rest. */
  close(): Promise<void>;
}

/** A client that does not finish its handshake or request in this time is closed. */
const HEADERS_WITHIN_MS = 5000;
const REQUEST_WITHIN_MS = 10_000;
const MOST_CONNECTIONS = 10_000;
const TOO_LARGE = "431 Request Header Fields Too Large";

/** Rejects when it cannot listen. */
export async function openServer(hub: Hub): Promise<HubServer> {
  const server = createServer({
    headersTimeout: HEADERS_WITHIN_MS,
    requestTimeout: REQUEST_WITHIN_MS,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 8192,
  });
  server.maxConnections = MOST_CONNECTIONS;
  const socketIo = createSocketIo(hub);
  const upgrade = createUpgrade(hub);
  const isSocketIo = (url = "") => url.startsWith("/socket.io/");
  server.on("request", (request, response) => {
    if (isSocketIo(request.url)) socketIo.request(request, response);
    else answer(hub, request, response).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket, head) => {
    track(hub, request.socket);
    if (isSocketIo(request.url)) socketIo.upgrade(request, socket, head);
    else upgrade(request, socket, head);
  });
  server.on("connection", (socket) => track(hub, socket));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) =>
    refuseUpgrade(socket, error.code === "HPE_HEADER_OVERFLOW" ? TOO_LARGE : "400 Bad Request"),
  );
  const { host } = hub.settings;
  await listen(hub, server);
  // a connection that could not be accepted, for want of descriptors, say: the next one may be
  server.on("error", () => {});
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    close: () => close(hub, server, socketIo),
  };
}

/** On the first port that is free, of those that it may take. */
async function listen({ settings, has }: Hub, server: Server): Promise<void> {
  const { host, port, ports: [from, to] = [port, port] } = settings;
  for (let next = from; next <= to; next++) {
    server.listen(next, host);
    try {
      await once(server, "listening");
      return;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!isTaken || next === to || has("next-port-not-tried")) throw error;
    }
  }
}

function track({ sockets }: Hub, socket: Socket): void {
  if (sockets.has(socket)) return;
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
}

async function close(hub: Hub, server: Server, socketIo: ReturnType<typeof createSocketIo>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const subscriber of [...hub.subscribers.all()]) subscriber.stop();
  await socketIo.close();
  server.closeIdleConnections();
  const gone = Promise.all([...hub.sockets].map((socket) => once(socket, "close").catch(() => {})));
  const cut = setTimeout(() => {
    for (const socket of hub.sockets) socket.destroy();
    server.closeAllConnections();
  }, hub.settings.stopWithinMs);
  await gone;
  await closed;
  clearTimeout(cut);
}
