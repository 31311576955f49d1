/** Producers send through a Socket.IO server to consumers in namespaces and rooms: what each of them had of it. */
import { setTimeout as delay } from "node:timers/promises";
import type { Network } from "../clients/network.ts";
import { addCounts, createSequenceLedger } from "../clients/sequence-ledger.ts";
import { joined, loadSocketIo, type SocketIoSettings, TRANSPORTS } from "../clients/socket-io.ts";
import { add, type Tally } from "../clients/tally.ts";
import { lookUntil } from "./abortable.ts";
import { sendAtPace } from "./pace.ts";
import { type Consumer, createConsumer, type Speech } from "./socket-io-consumer.ts";
import { watchStrain } from "./strain.ts";
import type { DeliveryRecord } from "./stream.ts";

export interface BroadcastSettings extends Omit<SocketIoSettings, "transport" | "backoff"> {
  readonly consumers: number;
  readonly producers: number;
  readonly namespaces: readonly string[];
  readonly rooms: readonly string[];
  readonly speech: Speech;
  readonly lastsMs: number;
  readonly settleMs: number;
  /** Of an event's text. */
  readonly sizeBytes: number;
  readonly readStalledMs: () => number | null;
  /** To the same server, for who upgrades: on a fast one that is over before an event can come. */
  readonly slowNetwork: Pick<Network, "host" | "port">;
  readonly signal: AbortSignal;
}

export interface BroadcastRecord extends DeliveryRecord {
  /** Who came while events were sent, over a transport that was upgraded meanwhile. */
  readonly newcomers: number;
}

export interface Broadcast {
  readonly opened: number;
  /** Over which transport, once it was upgraded. */
  readonly transports: Tally;
  /** Why others are not there. */
  readonly failed: Tally;
  /** So many events a second; `renew`: meanwhile everybody whose transport is upgraded goes, and comes anew. */
  send(rate: number, renew: boolean): Promise<BroadcastRecord>;
  /** A third of all leave a room of theirs. Answers how many did. */
  leaveRooms(): Promise<number>;
  close(): void;
}

/** Where an event goes: to all of a namespace, or to a room of it. */
interface Channel {
  readonly namespace: string;
  readonly room: string | null;
}

const MOST_TOLD = 20;
const EVERY_THIRD = 3;

/** Connects all of them. */
export async function openBroadcast(settings: BroadcastSettings): Promise<Broadcast> {
  const { namespaces, rooms, signal } = settings;
  const channels = namespaces.flatMap((namespace) =>
    [null, ...rooms].map((room): Channel => ({ namespace, room })),
  );
  const open = await loadSocketIo();
  const failed: Record<string, number> = {};
  const closed: Record<string, number> = {};
  let part: Part | null = null;
  let parts = 0;
  const everybody = Array.from({ length: settings.consumers }, (_, index) => {
    const turn = Math.floor(index / namespaces.length);
    const transport = TRANSPORTS[turn % TRANSPORTS.length] ?? "websocket";
    return createConsumer({
      namespace: namespaces[index % namespaces.length] ?? "/",
      // every set of rooms, in turn
      rooms: rooms.filter((_, room) => (turn >> room) % 2 === 1),
      ...{ transport, speech: settings.speech, open, closed },
      connect: transport === "upgrade" ? { ...settings, through: settings.slowNetwork } : settings,
      onEvent: (text) => part?.hear(index, text),
      onStage: (stage) => part?.enter(index, stage),
    });
  });
  const come = (one: Consumer) =>
    one.come().catch(({ message }: Error) => {
      add(failed, message);
      one.go();
    });
  await Promise.all(everybody.map(come));
  const present = everybody.filter(({ isIn }) => isIn);
  const changed = await Promise.all(present.map((one) => one.upgraded(settings.timeoutMs)));
  const producers = await Promise.all(
    Array.from({ length: settings.producers }, () => openProducer(settings, open)),
  );
  const transports: Record<string, number> = {};
  for (const [index, { transport }] of present.entries())
    add(transports, changed[index] ? transport : `${transport}: not upgraded`);

  /** One after another, over the time. */
  async function renew(): Promise<number> {
    const moving = everybody.filter(({ transport, isIn }) => transport === "upgrade" && isIn);
    for (const one of moving) {
      await delay(settings.lastsMs / (moving.length + 1), undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      one.go();
      part?.leave(everybody.indexOf(one));
      await come(one);
    }
    return moving.length;
  }

  return {
    opened: present.length,
    transports,
    failed,
    async send(rate, renews) {
      const own = createPart(parts++, everybody, channels, settings.producers);
      part = own;
      const endStrain = watchStrain(settings.readStalledMs);
      const newcomers = renews ? renew() : Promise.resolve(0);
      const { lastsMs } = settings;
      const { sent, tookMs, lateMs } = await sendAtPace({
        ...{ rate, lastsMs, signal, taken: () => 0 },
        send(sequence) {
          const producer = sequence % settings.producers;
          const { number, channel } = own.next(producer);
          producers[producer]?.send(channel, own.write(producer, number).padEnd(settings.sizeBytes, "."));
        },
      });
      const came = await newcomers;
      await lookUntil(own.isWhole, settings.settleMs, signal);
      const strain = endStrain();
      return {
        ...{ ...own.tell(), ...strain, sent, tookMs, lateMs: Math.max(lateMs, strain.lateMs) },
        planned: (rate * lastsMs) / 1000,
        cutShort: signal.aborted,
        closed: { ...closed },
        ...{ subscribers: present.length, newcomers: came },
      };
    },
    async leaveRooms() {
      const leaving = everybody.filter(
        ({ isIn, rooms: own }, index) => isIn && own.size > 0 && index % EVERY_THIRD === 0,
      );
      for (const one of leaving) await one.leave([...one.rooms][0] ?? "").catch(() => {});
      return leaving.length;
    },
    close() {
      for (const one of [...everybody, ...producers]) one.go();
    },
  };
}

/** One connection, on which it is in every namespace. */
async function openProducer(settings: BroadcastSettings, open: Awaited<ReturnType<typeof loadSocketIo>>) {
  const manager = open({ ...settings, transport: "websocket", backoff: null });
  const sockets = new Map(settings.namespaces.map((name) => [name, manager.socket(name)] as const));
  await Promise.all([...sockets.values()].map(joined));
  return {
    send({ namespace, room }: Channel, text: string) {
      sockets.get(namespace)?.emit(settings.speech.send, { ...(room !== null && { room }), text });
    },
    go() {
      for (const socket of sockets.values()) socket.disconnect();
    },
  };
}

type Part = ReturnType<typeof createPart>;

/** What is heard of one part: each producer numbers its own events, which go to the channels in turn. */
function createPart(
  part: number,
  everybody: readonly Consumer[],
  channels: readonly Channel[],
  producers: number,
) {
  const channelOf = (sequence: number) => channels[sequence % channels.length] as Channel;
  /** By consumer and producer: what was sent from that on has to come, of what is for all and of what is for rooms; else nobody knows. */
  const since = everybody.map(() => ({
    namespace: new Array<number>(producers).fill(0),
    rooms: new Array<number>(producers).fill(0),
  }));
  const from = (receiver: number, producer: number, { room }: Channel) =>
    since[receiver]?.[room === null ? "namespace" : "rooms"][producer] ?? 0;
  const rooms = everybody.map((one) => new Set(one.rooms));
  const wants = (producer: number) => (receiver: number, sequence: number) => {
    const channel = channelOf(sequence);
    const isThere = everybody[receiver]?.namespace === channel.namespace;
    const isFor = channel.room === null || rooms[receiver]?.has(channel.room) === true;
    return isThere && isFor && sequence >= from(receiver, producer, channel);
  };
  const ledgers = Array.from({ length: producers }, (_, producer) =>
    createSequenceLedger(everybody.length, wants(producer)),
  );
  const sent = new Array<number>(producers).fill(0);
  const pattern = new RegExp(`#${part}:(\\d{1,4}):(\\d{1,9})#`, "g");
  const sum = (count: (ledger: (typeof ledgers)[number], sent: number) => number) =>
    ledgers.reduce((total, ledger, producer) => total + count(ledger, sent[producer] ?? 0), 0);

  return {
    next(producer: number) {
      const number = sent[producer] ?? 0;
      sent[producer] = number + 1;
      return { number, channel: channelOf(number) };
    },
    write: (producer: number, sequence: number) => `#${part}:${producer}:${sequence}#`,
    leave(receiver: number) {
      for (const own of Object.values(since[receiver] ?? {})) own.fill(Number.POSITIVE_INFINITY);
    },
    /** What producers send from now on. */
    enter(receiver: number, stage: "namespace" | "rooms") {
      const own = since[receiver]?.[stage];
      for (const [producer, number] of sent.entries()) if (own) own[producer] = number;
    },
    hear(receiver: number, text: string) {
      for (const [, producer, sequence] of text.matchAll(pattern))
        take(receiver, Number(producer), Number(sequence));
    },
    isWhole: () => sum((ledger, count) => ledger.total(count).outstanding) === 0,
    tell(): Pick<DeliveryRecord, "due" | "counts" | "amiss"> {
      const amiss = ledgers.flatMap((ledger, producer) =>
        ledger.amiss(sent[producer] ?? 0).map((one) => ({ ...one, group: describe(one.receiver, producer) })),
      );
      return {
        due: sum((ledger, count) => ledger.due(count)),
        counts: ledgers.map((ledger, producer) => ledger.total(sent[producer] ?? 0)).reduce(addCounts),
        amiss: amiss.slice(0, MOST_TOLD),
      };
    },
  };

  function take(receiver: number, producer: number, sequence: number): void {
    if (producer < producers && sequence >= from(receiver, producer, channelOf(sequence)))
      ledgers[producer]?.receive(receiver, sequence);
  }

  function describe(receiver: number, producer: number): string {
    const one = everybody[receiver];
    const inRooms = [...(rooms[receiver] ?? [])].join("+") || "no room";
    return `${one?.transport}, ${one?.namespace}, ${inRooms}, from producer ${producer + 1}`;
  }
}
