/** The hub over Socket.IO, loaded when the first client asks for it: its import is a tenth of the hub's start. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Namespace, Server, Socket } from "socket.io";
import { z } from "zod";
import type { Hub } from "./core.ts";
import { batchSchema, CLOSE, levelSchema, userSchema } from "./messages.ts";
import { refuseUpgrade } from "./refusal.ts";
import type { Subscriber } from "./subscribers.ts";

export interface SocketIo {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

/** A client that connects and joins no namespace, or was refused by all, is closed after this. */
const JOIN_WITHIN_MS = 1000;

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
  const { Server } = await import("socket.io");
  const { heartbeatMs, missedBeats, maxMessageBytes } = hub.settings;
  const server = new Server({
    serveClient: false,
    destroyUpgrade: false,
    perMessageDeflate: false,
    httpCompression: false,
    connectTimeout: JOIN_WITHIN_MS,
    upgradeTimeout: JOIN_WITHIN_MS,
    maxHttpBufferSize: maxMessageBytes,
    pingInterval: hub.has("half-open-kept") ? 2 ** 30 : heartbeatMs,
    pingTimeout: heartbeatMs * missedBeats,
  });
  // a server of its own that never listens: the hub's routes requests and upgrades itself
  server.attach(createServer());
  for (const name of ["/", "/admin"] as const) serve(hub, server.of(name), name);
  return server;
}

const handshakeSchema = z.object({
  token: z.string().max(200).nullable().default(null),
  user: userSchema.nullable().default(null),
  level: levelSchema.default("debug"),
});

function serve(hub: Hub, namespace: Namespace, name: Subscriber["namespace"]): void {
  namespace.use((socket, next) => {
    const asked = handshakeSchema.safeParse({ ...socket.handshake.query, ...socket.handshake.auth });
    if (!asked.success) return next(refusal("expected token, user and level", CLOSE.refusedMessage));
    const opensUntilMs = hub.door.opensUntil(asked.data.token, name);
    if (opensUntilMs === null) {
      hub.refusedToken();
      return next(refusal("wrong token", CLOSE.wrongToken));
    }
    hub.connected();
    const subscriber = createSubscriber(socket, name, asked.data);
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
  socket: Socket,
  namespace: Subscriber["namespace"],
  { user, level }: z.output<typeof handshakeSchema>,
): Subscriber {
  return {
    transport: "socket.io",
    namespace,
    user,
    level,
    send: (events) => void socket.emit("events", events),
    // Engine.IO knows how many packets, not how many bytes
    unsentBytes: 0,
    // Engine.IO pings by itself
    beat() {},
    stop: () => void socket.disconnect(true),
  };
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
    hub.publisher.publish(batch);
    return { count: batch.length };
  });
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
