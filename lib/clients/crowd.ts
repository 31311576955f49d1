/** A crowd that only wants to be there: WebSocket clients where a server speaks that, and connections that say nothing. */
import { holdPlain } from "./plain.ts";
import type { Tally } from "./tally.ts";
import { type Clients, connectMany } from "./websocket.ts";

export interface CrowdRecord {
  /** Held now. */
  readonly webSockets: number;
  readonly plain: number;
  /** What became of the others, by close code, HTTP status or errno. */
  readonly refused: Tally;
  readonly failed: Tally;
  readonly closed: Tally;
  /** What of ours was used up, so that no more were tried; or null. */
  readonly refusedBy: string | null;
}

export interface Crowd {
  readonly held: number;
  readonly refusedBy: string | null;
  open(count: number): Promise<void>;
  /**
   * From now on they say nothing: a server that caps its WebSocket clients has a descriptor for each connection all the same.
   * False: so it was before.
   */
  fallSilent(): boolean;
  tell(): CrowdRecord;
  end(): Promise<void>;
}

/** Handshakes of a server without descriptors stay without an answer. */
const TIMEOUT_MS = 1500;

export function createCrowd(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Crowd {
  const plain = holdPlain(url, TIMEOUT_MS);
  const clients: Clients[] = [];
  let speaks = /^wss?:/.test(url);
  const webSockets = () => clients.reduce((sum, { held }) => sum + held, 0);
  const refusedBy = () => plain.refusedBy ?? clients.find((one) => one.refusedBy !== null)?.refusedBy ?? null;
  return {
    get held() {
      return plain.held + webSockets();
    },
    get refusedBy() {
      return refusedBy();
    },
    async open(count) {
      if (speaks) clients.push(await connectMany({ url, count, headers, timeoutMs: TIMEOUT_MS, signal }));
      else await plain.open(count);
    },
    fallSilent() {
      const spoke = speaks;
      speaks = false;
      return spoke;
    },
    tell: () => ({
      webSockets: webSockets(),
      plain: plain.held,
      refused: sum(clients.map(({ refused }) => refused)),
      failed: sum([plain.failed, ...clients.map(({ failed }) => failed)]),
      closed: sum([plain.closed, ...clients.map(({ closed }) => closed)]),
      refusedBy: refusedBy(),
    }),
    async end() {
      plain.close();
      await Promise.all(clients.map((one) => one.end("destroy")));
    },
  };
}

function sum(tallies: readonly Tally[]): Tally {
  const all: Record<string, number> = {};
  for (const tally of tallies)
    for (const [kind, times] of Object.entries(tally)) all[kind] = (all[kind] ?? 0) + times;
  return all;
}
