/** Clients that are connected when a server stops, and can tell whether it told them: with a close frame, or at least with a FIN. */
import { ABNORMAL } from "../clients/outcomes.ts";
import { holdPlain } from "../clients/plain.ts";
import { type Tally, total } from "../clients/tally.ts";
import { connectMany } from "../clients/websocket.ts";
import { lookUntil } from "./abortable.ts";

export interface Testimony {
  readonly opened: number;
  readonly told: number;
  /** By close code, errno, or "closed". */
  readonly by: Tally;
}

export interface Witnesses {
  /** Once the server has ended: its last words arrive right after that. */
  tell(): Promise<Testimony>;
}

const COUNT = 3;
const CONNECT_WITHIN_MS = 5000;
const HEAR_WITHIN_MS = 1000;

/** Where WebSocket is spoken, WebSocket clients; else connections that say nothing. */
export async function connectWitnesses(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Witnesses> {
  if (/^wss?:/.test(url)) {
    const clients = await connectMany({
      url,
      headers,
      count: COUNT,
      confirm: true,
      timeoutMs: CONNECT_WITHIN_MS,
    });
    return {
      async tell() {
        await lookUntil(() => clients.held === 0, HEAR_WITHIN_MS);
        const by = { ...clients.closed };
        await clients.end("destroy");
        return {
          opened: clients.opened,
          told: countTold(by, (kind) => /^\d{4}$/.test(kind) && kind !== String(ABNORMAL)),
          by,
        };
      },
    };
  }
  const plain = holdPlain(url, CONNECT_WITHIN_MS);
  await plain.open(COUNT);
  const opened = plain.held;
  return {
    async tell() {
      await lookUntil(() => plain.held === 0, HEAR_WITHIN_MS);
      plain.close();
      return { opened, told: countTold(plain.closed, (kind) => kind === "closed"), by: { ...plain.closed } };
    },
  };
}

function countTold(by: Tally, isTold: (kind: string) => boolean): number {
  return total(Object.fromEntries(Object.entries(by).filter(([kind]) => isTold(kind))));
}
