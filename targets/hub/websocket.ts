/** The hub over WebSocket: upgrade, messages, heartbeat, and every way to leave. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Hub } from "./core.ts";
import { parseJson } from "./http.ts";
import { CLOSE, messageSchema } from "./messages.ts";
import { toFrame } from "./publisher.ts";
import { createPulse } from "./pulse.ts";
import { ANSWER_CLOSE_WITHIN_MS, misplacedToken, refuseToken, refuseUpgrade } from "./refusal.ts";
import { enter, type Subscriber } from "./subscribers.ts";
import { readSubscription, type Subscription } from "./subscription.ts";

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A client that reads more slowly than events come is dropped rather than buffered for. */
const MOST_UNSENT_BYTES = 2 ** 20;

export function createUpgrade(hub: Hub): Upgrade {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: hub.settings.maxMessageBytes,
    closeTimeout: ANSWER_CLOSE_WITHIN_MS,
  };
  const server = new WebSocketServer(options);
  return (request, socket, head) => {
    const asked = readSubscription(request);
    if (hub.state !== "running") return refuseUpgrade(socket, "503 Service Unavailable");
    if (asked === 404) return refuseUpgrade(socket, "404 Not Found");
    if (asked === 400) return refuseUpgrade(socket, "400 Bad Request");
    const opensUntilMs = hub.door.opensUntil(asked.token ?? misplacedToken(hub, request), asked.namespace);
    if (opensUntilMs === null)
      return refuseToken(hub, socket, () => server.handleUpgrade(request, socket, head, tellAndClose));
    if (hub.has("refused-left-waiting") && hub.isFull()) return;
    server.handleUpgrade(request, socket, head, (client) => {
      const leave = hub.door.atEnd(opensUntilMs, () => client.close(CLOSE.wrongToken, "the token has ended"));
      client.once("close", leave);
      join(hub, client, socket, asked);
    });
  };
}

/** As a hub does that asks for the token only when it has subscribed the client. */
function tellAndClose(client: WebSocket): void {
  client.on("error", () => {});
  client.send(toFrame([]));
  client.close(CLOSE.wrongToken, "wrong token");
}

function join(hub: Hub, client: WebSocket, socket: Duplex, { namespace, user, level }: Subscription): void {
  hub.connected();
  const pulse = createPulse({ has: hub.has, missedBeats: hub.settings.missedBeats }, client);
  const subscriber: Subscriber = {
    transport: "websocket",
    namespace,
    user,
    level,
    rooms: new Set(),
    send(_events, frame) {
      if (client.bufferedAmount > MOST_UNSENT_BYTES && !hub.has("slow-buffered")) client.terminate();
      else if (client.readyState === client.OPEN) client.send(frame);
    },
    get unsentBytes() {
      return client.bufferedAmount;
    },
    beat: pulse.beat,
    stop() {
      if (hub.has("clients-not-told")) client.terminate();
      else client.close(CLOSE.goingAway, "the hub stops");
    },
  };
  // a protocol error or a reset: "close" follows
  client.on("error", () => {});
  const offline = hub.admit(subscriber);
  if (!offline) {
    client.close(hub.has("wrong-close-code") ? CLOSE.normal : CLOSE.tryAgainLater, "try again later");
    return;
  }
  let failed = false;
  const leave = () => {
    const isKept =
      (failed && hub.has("kept-after-exception")) || (pulse.dropped && hub.has("subscription-kept"));
    if (!isKept) hub.leave(subscriber);
  };
  client.on("pong", () => pulse.heard("pong"));
  client.on("message", (data, isBinary) => {
    pulse.heard("message");
    try {
      handle(hub, subscriber, client, isBinary ? null : data.toString());
    } catch {
      failed = true;
      client.close(CLOSE.failed, "the handler failed");
      leave();
    }
  });
  watchEnd(hub, client, socket, leave);
  if (offline.length > 0) client.send(toFrame(offline));
}

/** A polite close, a reset, a missed heartbeat: all end in "close", of the WebSocket and of its socket. */
function watchEnd(hub: Hub, client: WebSocket, socket: Duplex, leave: () => void): void {
  const keepsAbrupt = hub.has("kept-after-destroy");
  client.on("close", (code) => {
    const withoutFrame = code === 1006;
    if (!(keepsAbrupt && withoutFrame)) leave();
  });
  socket.on("close", () => {
    if (!keepsAbrupt) leave();
  });
  if (!hub.has("socket-kept")) return;
  // without ws's own listener nobody answers the peer's FIN, and one who has left is not pinged any more
  socket.removeAllListeners("end");
  socket.on("end", () => {
    if (client.readyState === client.OPEN) leave();
  });
}

function handle(hub: Hub, subscriber: Subscriber, client: WebSocket, text: string | null): void {
  const message = messageSchema.safeParse(text === null ? undefined : parseJson(text));
  if (!message.success) {
    client.close(
      text === null ? CLOSE.notText : CLOSE.refusedMessage,
      "expected a message that the hub knows",
    );
    return;
  }
  const say = (answer: object) => client.send(JSON.stringify(answer));
  switch (message.data.type) {
    case "ping":
      say({ type: "pong" });
      break;
    case "level":
      subscriber.level = message.data.level;
      say({ type: "level", level: subscriber.level });
      break;
    case "publish":
      hub.publisher.publish(message.data.events, subscriber.namespace);
      say({ type: "published", count: message.data.events.length });
      break;
    case "join":
    case "leave":
      enter(hub, subscriber, message.data.type, message.data.room);
      say(message.data);
      break;
    case "token":
      if (hub.door.opensUntil(message.data.token, subscriber.namespace) !== null)
        say({ type: "token", right: true });
      else client.close(CLOSE.wrongToken, "wrong token");
      break;
    case "boom":
      throw new Error("a message asked for an exception");
  }
}
