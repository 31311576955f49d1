/** One consumer of Socket.IO events: in a namespace and some of its rooms, over its own transport, as often as it comes anew. */
import type { Manager, Socket } from "socket.io-client";
import { joined, type SocketIoSettings, type Transport } from "../clients/socket-io.ts";
import { add } from "../clients/tally.ts";

/** What a server calls its events. */
export interface Speech {
  /** A producer sends {room, text} by it. */
  readonly send: string;
  /** Consumers get something that contains the text. */
  readonly receive: string;
  /** With a room; acknowledged. */
  readonly join: string;
  readonly leave: string;
}

export interface ConsumerSettings {
  readonly namespace: string;
  readonly rooms: readonly string[];
  readonly transport: Transport;
  readonly speech: Speech;
  readonly connect: Omit<SocketIoSettings, "transport" | "backoff">;
  readonly open: (settings: SocketIoSettings) => Manager;
  readonly onEvent: (text: string) => void;
  /** It is in its namespace; it is in all its rooms: whatever is sent from here on has to come. */
  readonly onStage: (stage: "namespace" | "rooms") => void;
  /** Counts by what it was closed, unasked. */
  readonly closed: Record<string, number>;
}

export interface Consumer {
  readonly namespace: string;
  readonly transport: Transport;
  /** That it is in. */
  readonly rooms: ReadonlySet<string>;
  /** In its namespace and in all its rooms. */
  readonly isIn: boolean;
  /** Rejects when it does not get into its namespace or a room. */
  come(): Promise<void>;
  /** Resolves when its transport is the one it wants, or the time is over. */
  upgraded(withinMs: number): Promise<boolean>;
  leave(room: string): Promise<void>;
  go(): void;
}

export function createConsumer(settings: ConsumerSettings): Consumer {
  const { namespace, transport, speech, connect, open, closed } = settings;
  const rooms = new Set(settings.rooms);
  let socket: Socket | null = null;
  let isIn = false;

  function ask(event: string, room: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!socket) return reject(new Error("it is not there"));
      socket.timeout(connect.timeoutMs).emit(event, room, (error: Error | null) => {
        if (error) reject(new Error(`no answer to "${event}"`));
        else resolve();
      });
    });
  }

  return {
    ...{ namespace, transport, rooms },
    get isIn() {
      return isIn;
    },
    async come() {
      const manager = open({ ...connect, transport, backoff: null });
      const own = manager.socket(namespace);
      socket = own;
      own.on(speech.receive, (...values: unknown[]) => settings.onEvent(JSON.stringify(values)));
      own.on("disconnect", (reason) => {
        isIn = false;
        // what we do ourselves is told as this
        if (reason !== "io client disconnect") add(closed, reason);
      });
      await joined(own);
      settings.onStage("namespace");
      await Promise.all([...rooms].map((room) => ask(speech.join, room)));
      settings.onStage("rooms");
      isIn = own.connected;
    },
    async upgraded(withinMs) {
      const engine = socket?.io.engine;
      if (transport !== "upgrade" || !engine) return true;
      if (engine.transport.name === "websocket") return true;
      return new Promise((resolve) => {
        const late = setTimeout(() => resolve(false), withinMs);
        engine.once("upgrade", () => {
          clearTimeout(late);
          resolve(true);
        });
      });
    },
    async leave(room) {
      await ask(speech.leave, room);
      rooms.delete(room);
    },
    go() {
      isIn = false;
      socket?.disconnect();
      socket = null;
    },
  };
}
