/**
 * A bad network on loopback: a proxy between clients and a server that delays, cuts, falls silent and throttles, as a seed has it.
 * It knows no protocol: a message is what one read of a socket gave, which may be half of a sender's message, or several.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createRandom } from "../stress/random.ts";
import { readEndpoint } from "./endpoint.ts";
import { type Flow, startFlow } from "./flow.ts";
import { reset } from "./reset.ts";

export interface Weather {
  /** For each message, in both directions; none overtakes another. 1 if not said. */
  readonly delayMs?: number;
  /** Of all messages, over all links, each so-many-th cuts its link: it and what is under way are lost. Null: none. */
  readonly cutEvery?: number | null;
  /** Of the links, so many (0..1) fall silent once they are in use: nothing comes through, no end either. */
  readonly silentShare?: number;
  /** Of each link, in each direction. Null: no limit. */
  readonly bytesPerSecond?: number | null;
}

/** What the network really did. */
interface NetworkCounts {
  links: number;
  messages: number;
  /** Went on after their delay. */
  delayed: number;
  /** Links, by RST and by FIN. */
  cut: number;
  /** Links. */
  silenced: number;
  /** Links that were reset at once, as it was out. */
  refused: number;
}

export interface Network {
  /** Where to connect instead of the server's own address: `through` of the clients. */
  readonly host: string;
  readonly port: number;
  readonly counts: Readonly<NetworkCounts>;
  /** From now on it is out: every link is reset, and each new one at once. */
  fail(): void;
  /** New links get through again. */
  recover(): void;
  /** Every link that there is falls silent. */
  silence(): void;
  /** Every link is cut; resolves when nothing is open. */
  close(): Promise<void>;
}

interface LinkPlan {
  /** A cut resets both ends, or ends both without a word. */
  readonly cutBy: "reset" | "end";
  /** After so many messages; null: never. */
  readonly silentAfter: number | null;
}

const HOST = "127.0.0.1";
/** A link falls silent in use: a handshake takes two messages, a question and its answer two more. */
const SILENT_AFTER_LEAST = 4;
const SILENT_AFTER_SPREAD = 4;
/** Links of one seed are drawn from streams of their own, whatever happens on the others. */
const STREAM_STEP = 0x9e3779b1;

/** What becomes of the so-many-th link: the same with the same seed. */
export function planLink({ silentShare = 0 }: Weather, seed: number, index: number): LinkPlan {
  const random = createRandom(seed + Math.imul(index + 1, STREAM_STEP));
  const cutBy = random() < 0.5 ? "reset" : "end";
  const isSilent = random() < silentShare;
  return {
    cutBy,
    silentAfter: isSilent ? SILENT_AFTER_LEAST + Math.floor(random() * SILENT_AFTER_SPREAD) : null,
  };
}

/** `to` is a URL as clients have it: its host and port, or its Unix socket, are where the links lead. */
export async function openNetwork(to: string, weather: Weather, seed: number): Promise<Network> {
  const counts: NetworkCounts = { links: 0, messages: 0, delayed: 0, cut: 0, silenced: 0, refused: 0 };
  const sockets = new Set<Socket>();
  const links = new Set<Link>();
  let isOut = false;
  const { host, port, socketPath } = readEndpoint(to);
  const place = socketPath === null ? { host, port } : { path: socketPath };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (isOut) {
      counts.refused++;
      near.on("error", () => {}).resetAndDestroy();
      return;
    }
    const far = connect({ ...place, allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay());
      socket.once("close", () => sockets.delete(socket));
    }
    const own = link(near, far, { weather, counts, plan: planLink(weather, seed, counts.links++) });
    links.add(own);
    near.once("close", () => links.delete(own));
  });
  server.listen(0, HOST);
  await once(server, "listening");
  return {
    host: HOST,
    port: (server.address() as AddressInfo).port,
    counts,
    fail() {
      isOut = true;
      for (const one of links) one.reset();
    },
    recover() {
      isOut = false;
    },
    silence() {
      for (const one of links) one.silence();
    },
    close() {
      // whoever comes while it closes would keep it from that
      isOut = true;
      return close(server, sockets);
    },
  };
}

interface LinkSettings {
  readonly weather: Weather;
  readonly plan: LinkPlan;
  readonly counts: NetworkCounts;
}

interface Link {
  reset(): void;
  silence(): void;
}

function link(near: Socket, far: Socket, { weather, plan, counts }: LinkSettings): Link {
  const { delayMs = 1, cutEvery = null, bytesPerSecond = null } = weather;
  let messages = 0;
  let silent = false;
  const flows: Flow[] = [];

  function end(by: LinkPlan["cutBy"]): void {
    for (const flow of flows) flow.drop();
    for (const socket of [near, far]) {
      if (by === "reset") reset(socket);
      else socket.destroy();
    }
  }

  function passes(): boolean {
    counts.messages++;
    messages++;
    if (cutEvery !== null && counts.messages % cutEvery === 0) {
      counts.cut++;
      end(plan.cutBy);
      return false;
    }
    if (plan.silentAfter === null || messages <= plan.silentAfter) return true;
    silence();
    return false;
  }

  function silence(): void {
    if (silent) return;
    silent = true;
    counts.silenced++;
    for (const flow of flows) flow.drop();
  }

  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    // a reset, or a server that is not there: the other end is told likewise
    from.on("error", () => {
      if (!silent) end("reset");
    });
    const onForwarded = () => void counts.delayed++;
    flows.push(startFlow({ from, to, delayMs, bytesPerSecond, passes, onForwarded }));
  }
  return { reset: () => end("reset"), silence };
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const socket of sockets) socket.destroy();
  await closed;
  // of the server's the close is awaited, of ours nobody's
  await Promise.all([...sockets].map((socket) => once(socket, "close")));
}
