/** The hub over Socket.IO, loaded when the first client asks for it: its import is a tenth of the hub's start. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Namespace, Server, Socket } from "socket.io";
import type { ServerOptions } from "ws";
import { z } from "zod";
import type { Hub } from "./core.ts";
import { batchSchema, CLOSE, type HubEvent, levelSchema, userSchema } from "./messages.ts";
import { ANSWER_CLOSE_WITHIN_MS, refuseUpgrade } from "./refusal.ts";
import { enter, type Subscriber } from "./subscribers.ts";

export interface SocketIo {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

/** A client that connects and joins no namespace, or was refused by all, is closed after this. */
const JOIN_WITHIN_MS = 1000;
/** One event out of so many, where a fault has them come twice. */
const TWICE = 101;

export function createSocketIo(hub: Hub): SocketIo {
  let loading: Promise<Server> | null = null;
  const load = () => {
    loading ??= open(hub);
    return loading;
  };
  return {
    request: (request, response) =>
      void load().then(({ engine }) => engine.handleRequest(request as never, response)),
    upgrade: (request, socket, head) => {
      if (hub.state !== "running") return refuseUpgrade(socket, "503 Service Unavailable");
      // until the engine takes over, nobody else would hear of a reset
      const ignore = () => {};
      socket.on("error", ignore);
      void load().then(({ engine }) => {
        engine.handleUpgrade(request as never, socket, head);
        socket.off("error", ignore);
      });
    },
    close: async () => {
      await (await loading)?.close();
    },
  };
}

async function open(hub: Hub): Promise<Server> {
  const [{ Server }, { WebSocketServer }] = await Promise.all([import("socket.io"), import("ws")]);
  /** As it comes, it waits 30 s for a dead client to answer a close. */
  class ClosingServer extends WebSocketServer {
    constructor(options: ServerOptions) {
      const own = { ...options, closeTimeout: ANSWER_CLOSE_WITHIN_MS };
      super(own);
    }
  }
  const { heartbeatMs, missedBeats, maxMessageBytes } = hub.settings;
  const server = new Server({
    serveClient: false,
    wsEngine: ClosingServer,
    destroyUpgrade: false,
    perMessageDeflate: false,
    httpCompression: false,
    connectTimeout: JOIN_WITHIN_MS,
    upgradeTimeout: JOIN_WITHIN_MS,
    maxHttpBufferSize: maxMessageBytes,
    pingInterval: hub.has("half-open-kept") || hub.has("dead-kept") ? 2 ** 30 : heartbeatMs,
    pingTimeout: heartbeatMs * missedBeats,
  });
  // a server of its own that never listens: the hub's routes requests and upgrades itself
  server.attach(createServer());
  for (const name of ["/", "/admin", ...hub.settings.namespaces.map((own) => `/${own}`)])
    serve(hub, server.of(name), name);
  return server;
}

const handshakeSchema = z.object({
  token: z.string().max(200).nullable().default(null),
  user: userSchema.nullable().default(null),
  level: levelSchema.default("debug"),
});

function serve(hub: Hub, namespace: Namespace, name: string): void {
  namespace.use((socket, next) => {
    const asked = handshakeSchema.safeParse({ ...socket.handshake.query, ...socket.handshake.auth });
    if (!asked.success) return next(refusal("expected token, user and level", CLOSE.refusedMessage));
    const opensUntilMs = hub.door.opensUntil(asked.data.token, name);
    if (opensUntilMs === null) {
      hub.refusedToken();
      return next(refusal("wrong token", CLOSE.wrongToken));
    }
    hub.connected();
    const subscriber = createSubscriber(hub, socket, name, asked.data);
    const offline = hub.admit(subscriber);
    if (!offline) {
      const code = hub.has("wrong-close-code") ? CLOSE.normal : CLOSE.tryAgainLater;
      return next(refusal("try again later", code));
    }
    watch(hub, socket, subscriber);
    socket.once(
      "disconnect",
      hub.door.atEnd(opensUntilMs, () => void socket.disconnect(true)),
    );
    if (offline.length > 0) socket.data.offline = offline;
    next();
  });
  namespace.on("connection", (socket) => {
    if (socket.data.offline) socket.emit("events", socket.data.offline);
    delete socket.data.offline;
  });
}

/** What a client sees as `connect_error`, with the code in its `data`. */
function refusal(text: string, code: number): Error {
  return Object.assign(new Error(text), { data: { code } });
}

function createSubscriber(
  hub: Hub,
  socket: Socket,
  namespace: string,
  { user, level }: z.output<typeof handshakeSchema>,
): Subscriber {
  return {
    transport: "socket.io",
    namespace,
    user,
    level,
    rooms: new Set(),
    send: (events) => sendTo(hub, socket, events),
    // Engine.IO knows how many packets, not how many bytes
    unsentBytes: 0,
    // Engine.IO pings by itself
    beat() {},
    stop: () => void socket.disconnect(true),
  };
}

function sendTo({ has }: Hub, socket: Socket, events: readonly HubEvent[]): void {
  const { conn } = socket;
  if (has("upgrade-loses") && conn.upgrading) return;
  socket.emit("events", events);
  const isOnPolling = conn.transport.name === "polling";
  if (has("polling-twice") && isOnPolling && events.some(({ id }) => id % TWICE === 0))
    socket.emit("events", events);
}

function watch(hub: Hub, socket: Socket, subscriber: Subscriber): void {
  let failed = false;
  const leave = () => {
    if (!(failed && hub.has("kept-after-exception"))) hub.leave(subscriber);
  };
  /** Runs what a message asks for; when it throws, that client goes and the hub stays. */
  const on = (name: string, work: (value: unknown) => unknown) =>
    socket.on(name, (value: unknown, reply: unknown) => {
      try {
        const answer = work(value);
        if (typeof reply === "function") reply(answer);
      } catch {
        failed = true;
        leave();
        socket.disconnect(true);
      }
    });
  on("level", (value) => {
    subscriber.level = levelSchema.parse(value);
    return { level: subscriber.level };
  });
  on("publish", (value) => {
    const batch = batchSchema.parse(value);
    hub.publisher.publish(batch, subscriber.namespace);
    return { count: batch.length };
  });
  for (const way of ["join", "leave"] as const)
    on(way, (value) => enter(hub, subscriber, way, userSchema.parse(value)));
  on("boom", () => {
    throw new Error("a message asked for an exception");
  });
  const keepsAbrupt = hub.has("kept-after-destroy");
  // told also of a client that goes before it has joined
  socket.conn.once("close", () => {
    if (!keepsAbrupt) leave();
  });
  socket.on("disconnect", (reason) => {
    if (!(keepsAbrupt && /^(transport|ping)/.test(reason))) leave();
  });
}
