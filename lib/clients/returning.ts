/** Socket.IO clients that come back by themselves: when they were lost, when they tried, when they were back. */
import type { Manager, Socket } from "socket.io-client";
import { type Backoff, joined, loadSocketIo, type SocketIoSettings } from "./socket-io.ts";
import { add, type Tally } from "./tally.ts";

export interface ReturningSettings extends Omit<SocketIoSettings, "transport" | "backoff"> {
  readonly clients: number;
  readonly backoff: Backoff;
  /** Of the first so many, as whom each comes. */
  readonly users: readonly string[];
  /** What comes for one of them: the values of an event of this name. */
  readonly receive: string;
  readonly onEvent: (user: number, text: string) => void;
  readonly signal: AbortSignal;
}

/** One client's way back from one outage. Times of performance.now(). */
export interface Return {
  readonly lostAtMs: number;
  /** How long it waited before each try. */
  readonly waitsMs: readonly number[];
  readonly firstTryAtMs: number | null;
  readonly backAtMs: number | null;
}

export interface Returning {
  readonly opened: number;
  /** Why others are not there. */
  readonly failed: Tally;
  /** There now, in their namespace. */
  readonly connected: number;
  /** Since the last call, of those that were lost: the first loss of each. */
  takeReturns(): readonly Return[];
  /** So far, of those that were lost: the fewest tries of any. */
  readonly fewestTries: number;
  /** From now on nobody comes back; answers by what they are lost from now on, when they are. */
  stay(): { readonly by: Tally; readonly lost: number };
  close(): void;
}

interface Trip {
  lostAtMs: number;
  failedAtMs: number;
  firstTryAtMs: number | null;
  backAtMs: number | null;
  readonly waitsMs: number[];
}

const AT_ONCE = 64;

export async function openReturning(settings: ReturningSettings): Promise<Returning> {
  const open = await loadSocketIo();
  const failed: Record<string, number> = {};
  const clients: { readonly socket: Socket; readonly trip: { current: Trip | null } }[] = [];
  const lost = { by: {} as Record<string, number>, lost: 0 };
  let stays = false;

  async function connect(index: number): Promise<void> {
    const manager = open({ ...settings, transport: "websocket" });
    const user = settings.users[index];
    const socket = manager.socket("/", { auth: user === undefined ? {} : { user } });
    if (user !== undefined)
      socket.on(settings.receive, (...values: unknown[]) => settings.onEvent(index, JSON.stringify(values)));
    try {
      await joined(socket);
    } catch (error) {
      add(failed, (error as Error).message);
      manager.reconnection(false);
      socket.disconnect();
      return;
    }
    const trip = follow(manager, socket);
    socket.on("disconnect", (reason) => {
      if (!stays || reason === "io client disconnect") return;
      lost.lost++;
      add(lost.by, reason);
    });
    clients.push({ socket, trip });
  }

  for (let first = 0; first < settings.clients && !settings.signal.aborted; first += AT_ONCE) {
    const many = Math.min(AT_ONCE, settings.clients - first);
    await Promise.all(Array.from({ length: many }, (_, index) => connect(first + index)));
  }
  const trips = () => clients.flatMap(({ trip }) => trip.current ?? []);
  return {
    opened: clients.length,
    failed,
    get connected() {
      return clients.filter(({ socket }) => socket.connected).length;
    },
    get fewestTries() {
      return Math.min(...trips().map(({ waitsMs }) => waitsMs.length));
    },
    takeReturns() {
      const taken = trips();
      for (const { trip } of clients) trip.current = null;
      return taken;
    },
    stay() {
      stays = true;
      for (const { socket } of clients) socket.io.reconnection(false);
      return lost;
    },
    close() {
      for (const { socket } of clients) {
        socket.io.reconnection(false);
        socket.disconnect();
      }
    },
  };
}

/** The manager tells when it was closed, when it tries, and when that failed: then the next wait begins. */
function follow(manager: Manager, socket: Socket): { current: Trip | null } {
  const trip: { current: Trip | null } = { current: null };
  manager.on("close", () => {
    const now = performance.now();
    trip.current ??= { lostAtMs: now, failedAtMs: now, firstTryAtMs: null, backAtMs: null, waitsMs: [] };
  });
  manager.on("reconnect_attempt", () => {
    const { current } = trip;
    if (!current || current.backAtMs !== null) return;
    const now = performance.now();
    current.firstTryAtMs ??= now;
    current.waitsMs.push(now - current.failedAtMs);
  });
  manager.on("reconnect_error", () => {
    if (trip.current) trip.current.failedAtMs = performance.now();
  });
  socket.on("connect", () => {
    if (trip.current) trip.current.backAtMs ??= performance.now();
  });
  return trip;
}
