/** Who listens: WebSocket and Socket.IO clients under one cap, each counted in and out once. */
import type { FaultName } from "./faults.ts";
import type { HubEvent, Level } from "./messages.ts";

export interface Subscriber {
  readonly transport: "websocket" | "socket.io";
  /** "/", "/admin", which sees everything, or one that a setting names. */
  readonly namespace: string;
  /** That it has joined. */
  readonly rooms: Set<string>;
  readonly user: string | null;
  level: Level;
  /** `frame` is the batch as JSON, made once for all who get the same. */
  send(events: readonly HubEvent[], frame: string): void;
  /** What it was sent and the kernel has not taken yet, as far as it is known. */
  readonly unsentBytes: number;
  /** One heartbeat: asks whether the client is there, and drops it when it was silent too long. */
  beat(): void;
  /** Ends it because the hub stops. */
  stop(): void;
}

/** Of one subscriber: what clients make up must not grow without bound. */
const MOST_ROOMS = 100;

export interface Subscribers {
  /** The cap is reached. */
  readonly full: boolean;
  add(subscriber: Subscriber): void;
  /** Counts a client that found no room. */
  refuse(): void;
  /** Whether it was there. */
  remove(subscriber: Subscriber): boolean;
  all(): Iterable<Subscriber>;
  readonly count: number;
  readonly peak: number;
  readonly refused: number;
}

/** A room, in or out. */
export function enter(
  { has }: { has(fault: FaultName): boolean },
  { rooms }: Subscriber,
  way: "join" | "leave",
  room: string,
): { readonly rooms: readonly string[] } {
  if (way === "join" && rooms.size < MOST_ROOMS) rooms.add(room);
  if (way === "leave" && !has("leave-ignored")) rooms.delete(room);
  return { rooms: [...rooms] };
}

/** `removesTwice`, a promise broken: a departure that is told again is counted again. */
export function createSubscribers(cap: number, removesTwice: boolean): Subscribers {
  const members = new Set<Subscriber>();
  let count = 0;
  let peak = 0;
  let refused = 0;
  return {
    get full() {
      return count >= cap;
    },
    add(subscriber) {
      members.add(subscriber);
      count++;
      peak = Math.max(peak, count);
    },
    refuse() {
      refused++;
    },
    remove(subscriber) {
      const wasThere = members.delete(subscriber);
      if (wasThere || removesTwice) count--;
      return wasThere;
    },
    all: () => members,
    get count() {
      return count;
    },
    get peak() {
      return peak;
    },
    get refused() {
      return refused;
    },
  };
}
