/** One stream through a server: sent at its pace, and what each subscriber had of it: all, once, in order, how soon. */
import { createLatencyRecord, type Latency } from "../clients/latency-record.ts";
import { createSequenceLedger, type SequenceCounts } from "../clients/sequence-ledger.ts";
import { nowUs, readStamps, writeStamp } from "../clients/stamp.ts";
import { addUp, type Tally } from "../clients/tally.ts";
import { type Clients, connectMany } from "../clients/websocket.ts";
import { lookUntil } from "./abortable.ts";
import { type Introduction, introduce } from "./credentials.ts";
import { sendAtPace } from "./pace.ts";
import { type Strain, watchStrain } from "./strain.ts";
import { describeTally } from "./tally-text.ts";

/** Who gets a message that a client sends: whoever subscribed at a hub, all others of a room, or the sender alone. */
export type Route = "hub" | "room" | "echo";

/** From the least on: the level of a message is its number modulo as many. */
const LEVELS = ["debug", "info", "warn", "error"] as const;

/** What became of the messages of one part of a stream. `lateMs`: of the sender, too. */
export interface DeliveryRecord extends Strain {
  readonly sent: number;
  /** How many there had to be at the rate; null where there is none. */
  readonly planned: number | null;
  readonly tookMs: number;
  /** How many deliveries there had to be, to all subscribers together. */
  readonly due: number;
  readonly counts: SequenceCounts;
  /** Subscribers with something amiss, the first few of them told. */
  readonly amiss: readonly {
    readonly receiver: number;
    /** Of which kind it is. */
    readonly group: string;
    readonly counts: SequenceCounts;
  }[];
  /** It was ended before its time. */
  readonly cutShort: boolean;
  /** Of subscribers, by close code or errno: closed unasked. */
  readonly closed: Tally;
  readonly subscribers: number;
}

export interface StreamRecord extends DeliveryRecord {
  readonly latency: Latency;
}

export interface StreamSettings extends Introduction {
  readonly route: Route;
  readonly subscribers: number;
  readonly rate: number | null;
  readonly lastsMs: number;
  /** Of a message's text. */
  readonly sizeBytes: number;
  /** How long the last ones have to arrive. */
  readonly settleMs: number;
  /** How long so far something on this box has waited for a processor; null where the kernel does not tell. */
  readonly readStalledMs: () => number | null;
  readonly signal: AbortSignal;
}

const MOST_TOLD = 20;

/** A stream that can be sent several times over the same connections. */
export interface Streaming {
  readonly opened: number;
  /** Why clients could not be had; null: they are there. */
  readonly missing: string | null;
  send(): Promise<StreamRecord>;
  close(): Promise<void>;
}

/** Connects all of them. */
export async function openStream(settings: StreamSettings): Promise<Streaming> {
  const { route, subscribers } = settings;
  let hear: (receiver: number, payload: Buffer) => void = () => {};
  const { audience, sender } = await connectAll(settings, (receiver, payload) => hear(receiver, payload));
  const all = sender ? [...audience, sender] : audience;
  let base = 0;
  return {
    opened: sum(audience.map(({ opened }) => opened)),
    missing: describeMissing(all),
    async send() {
      const first = base;
      const part = createPart(settings);
      hear = (receiver, payload) =>
        readStamps(payload, (sequence, dueUs, lateUs) =>
          part.receive(receiver, sequence - first, dueUs, lateUs),
        );
      const endStrain = watchStrain(settings.readStalledMs);
      const { sent, tookMs, lateMs } = await sendAtPace({
        ...{ rate: settings.rate, lastsMs: settings.lastsMs, signal: settings.signal, taken: part.taken },
        send: (sequence, dueUs) => {
          const stamp = writeStamp({ sequence: first + sequence, dueUs, lateUs: nowUs() - dueUs });
          const text = stamp.padEnd(settings.sizeBytes, ".");
          if (sender) sender.send(wrap(route, sequence, text), 0);
          else audience[0]?.send(text, sequence % subscribers);
        },
      });
      base += sent;
      await lookUntil(() => part.isWhole(sent), settings.settleMs, settings.signal);
      const strain = endStrain();
      return {
        ...{ ...part.tell(sent), ...strain, sent, tookMs, lateMs: Math.max(lateMs, strain.lateMs) },
        planned: settings.rate === null ? null : (settings.rate * settings.lastsMs) / 1000,
        cutShort: settings.signal.aborted,
        closed: addUpAll(audience),
      };
    },
    async close() {
      await Promise.all(all.map((clients) => clients.end("polite")));
    },
  };
}

/** Those who listen, in groups at a hub, one for each level; and who sends, where that is not they. */
async function connectAll(settings: StreamSettings, hear: (receiver: number, payload: Buffer) => void) {
  const { route, subscribers } = settings;
  const groups = route === "hub" ? LEVELS.length : 1;
  const audience = await Promise.all(
    Array.from({ length: groups }, (_, group) =>
      connectMany({
        ...connecting(settings, group),
        count: Math.ceil((subscribers - group) / groups),
        listener: { onMessage: (index, payload) => hear(index * groups + group, payload) },
      }),
    ),
  );
  const sender =
    route === "echo" ? null : await connectMany({ ...connecting(settings, LEVELS.length - 1), count: 1 });
  return { audience, sender };
}

/** What is heard of one part of a stream, whose numbers begin at 0. */
function createPart({ route, subscribers }: StreamSettings) {
  const wants = WANTS[route];
  const ledger = createSequenceLedger(subscribers, (receiver, sequence) =>
    wants(receiver, sequence, subscribers),
  );
  const latency = createLatencyRecord();
  let taken = 0;
  let received = 0;
  let [counted, wanted] = [0, 0];
  /** Counted once, as it is asked for again and again. */
  const due = (sent: number) => {
    if (sent !== counted) [counted, wanted] = [sent, ledger.due(sent)];
    return wanted;
  };
  return {
    receive(receiver: number, sequence: number, dueUs: number, lateUs: number) {
      // of a part before
      if (sequence < 0) return;
      ledger.receive(receiver, sequence);
      latency.record(nowUs() - dueUs, lateUs);
      received++;
      if (route === "echo" || receiver === 0) taken++;
    },
    taken: () => taken,
    isWhole: (sent: number) => received >= due(sent),
    tell(sent: number): Pick<StreamRecord, "due" | "counts" | "amiss" | "latency" | "subscribers"> {
      const amiss = ledger.amiss(sent).slice(0, MOST_TOLD);
      const group = (receiver: number) =>
        route === "hub" ? (LEVELS[receiver % LEVELS.length] ?? "") : "all";
      return {
        ...{ due: due(sent), counts: ledger.total(sent), subscribers },
        amiss: amiss.map((one) => ({ ...one, group: group(one.receiver) })),
        latency: latency.summary(),
      };
    },
  };
}

/** Which messages are for which of so many subscribers. */
const WANTS: Readonly<Record<Route, (receiver: number, sequence: number, of: number) => boolean>> = {
  hub: (receiver, sequence) => sequence % LEVELS.length >= receiver % LEVELS.length,
  room: () => true,
  echo: (receiver, sequence, of) => sequence % of === receiver,
};

/** As the hub takes what is published; others take the text. */
function wrap(route: Route, sequence: number, text: string): string {
  if (route !== "hub") return text;
  return JSON.stringify({ type: "publish", events: [{ level: LEVELS[sequence % LEVELS.length], text }] });
}

function connecting({ route, url, headers, signal }: StreamSettings, group: number) {
  const level = LEVELS[group];
  const own =
    route === "hub" && level
      ? introduce({ url, headers }, { place: "query", name: "level", value: level })
      : { url, headers };
  return { ...own, signal, confirm: true };
}

function describeMissing(all: readonly Clients[]): string | null {
  const asked = sum(all.map((clients) => clients.asked));
  const opened = sum(all.map((clients) => clients.opened));
  if (opened === asked) return null;
  const why = all.map(({ refused, failed }) => addUp(refused, failed)).reduce(addUp, {});
  return `${opened} of ${asked} connected: ${describeTally(why)}`;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const addUpAll = (all: readonly Clients[]) => all.map(({ closed }) => closed).reduce(addUp, {});
