/** Asks services whether they are there, at a steady pace, and keeps whether each was reachable and well. */
import { connect } from "node:net";
import type { Watch } from "../engine/watch.ts";
import type { Service } from "./service-kinds.ts";

/** Moment by moment, one entry each. */
export interface ServiceSeries {
  readonly atMs: number[];
  /** 1: running, and healthy where it has a check. */
  readonly well: number[];
  /** Whether all its ports took a connection; null: none is known of it. */
  readonly reached: (boolean | null)[];
  /** Where it was found to listen at any time: from then on it is asked there. */
  readonly addresses: Set<string>;
}

export interface ServiceWatch {
  readonly series: ReadonlyMap<string, ServiceSeries>;
  close(): void;
}

/** A connection on one machine takes less than a millisecond; a full queue of them is a second's wait, and then another's (tcp(7)). */
const CONNECT_WITHIN_MS = 1000;
/** Reading who listens costs more than a connection. */
const FIND_EVERY_MS = 1000;

export function watchServices(services: readonly Service[], watch: Watch, everyMs: number): ServiceWatch {
  const series = new Map<string, ServiceSeries>(
    services.map(({ name }) => [name, { atMs: [], well: [], reached: [], addresses: new Set() }]),
  );
  const asking = new Set<string>();
  const looksEach = Math.max(1, Math.round(FIND_EVERY_MS / everyMs));

  async function askOne({ id, name, findAddresses }: Service): Promise<void> {
    const own = series.get(name);
    if (!own) return;
    const { addresses } = own;
    if (addresses.size === 0 || own.atMs.length % looksEach === 0)
      for (const one of findAddresses()) addresses.add(one);
    const index = own.atMs.push(performance.now()) - 1;
    own.well.push(watch.allWell([id]) ? 1 : 0);
    // who has not answered the last time is not reachable meanwhile
    own.reached.push(addresses.size === 0 ? null : false);
    if (addresses.size === 0 || asking.has(name)) return;
    asking.add(name);
    const answers = await Promise.all([...addresses].map(isReachable));
    asking.delete(name);
    own.reached[index] = answers.every(Boolean);
  }

  const timer = setInterval(() => {
    for (const one of services) void askOne(one);
  }, everyMs);
  return { series, close: () => clearInterval(timer) };
}

function isReachable(address: string): Promise<boolean> {
  const end = address.lastIndexOf(":");
  const host = address.slice(0, end).replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(address.slice(end + 1)), timeout: CONNECT_WITHIN_MS });
    const answer = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}
