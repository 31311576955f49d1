/** WebSocket clients by the thousand: opens connections, verifies each, holds them and ends them in every way that clients end. */
import { Connections } from "./connections.ts";
import { encodeFrame, Opcode } from "./frames.ts";
import type { Answers } from "./hearing.ts";
import type { ConnectSettings, Ending, Interruption } from "./settings.ts";
import { silence } from "./silence.ts";
import { type LatencyMs, summarizeLatency, type Tally } from "./tally.ts";

/** What came of the connections that were asked for: opened + refused + failed, and what was not tried any more. */
interface Opening {
  readonly asked: number;
  /** Upgraded, verified (RFC 6455, 4.1), and, where `confirm` was asked for, answering. */
  readonly opened: number;
  /** By close code (1005: a close frame without one, 1006: none) or by HTTP status. */
  readonly refused: Tally;
  /** By errno, or "timeout", "aborted", "closed before an answer", "invalid answer: …", "invalid frame: …". */
  readonly failed: Tally;
  /** What of ours was used up (EMFILE, EADDRNOTAVAIL, …), so that no more were tried; or null. */
  readonly refusedBy: string | null;
  /** From the first SYN to the verified upgrade. */
  readonly latencyMs: LatencyMs;
  readonly tookMs: number;
}

interface Ended {
  /** By close code or errno of the server's answer (1006: no close frame), or "destroy", "reset" where it was not waited for. */
  readonly by: Tally;
  /** The server did not answer in time: dropped. */
  readonly late: number;
  readonly tookMs: number;
}

/** Connections that are open, until they are ended. Pings are answered as long as the event loop turns. */
export interface Clients extends Opening {
  /** Open now. */
  readonly held: number;
  /** Closed by the server, unasked, so far: by close code (1006: none) or errno. */
  readonly closed: Tally;
  /** The server's words with each close code. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Messages that came so far. */
  readonly messages: number;
  /** Pings all that are open; resolves when all have answered, or gone, or the time is over. One at a time. */
  ask(withinMs: number): Promise<Answers>;
  /** Sends a text to all that are open, or to one: the how-many-th that was begun. */
  send(text: string, index?: number): void;
  /** All, or so many, answer no ping from now on, though they hear it. Answers which: the how-many-th each was that was begun. */
  mute(most?: number): readonly number[];
  /** Ends all, or so many of them, the first opened first. */
  end(ending: Ending, most?: number): Promise<Ended>;
  /** Makes all, or so many, half-open: they neither read nor answer, and hear of nothing, until `letGo`. */
  silence(most?: number): void;
  /** Counts as closed what the server dropped of the silent ones; drops everything else. */
  letGo(): Promise<Ended>;
}

/** Opens so many connections and holds them. Limits and refusals are results; only settings that make no sense throw. */
export async function connectMany(settings: ConnectSettings): Promise<Clients> {
  const connections = new Connections(settings, null);
  const startedMs = performance.now();
  await connections.run();
  const opening = tellOpening(settings, connections, startedMs);
  const { outcomes } = connections;
  const { closed, reasons } = outcomes;
  return {
    ...opening,
    ...{ closed, reasons },
    get held() {
      return connections.open().length;
    },
    get messages() {
      return outcomes.messages;
    },
    ask: (withinMs) => connections.hearing.ask(connections.open(), withinMs),
    send(text, index) {
      const frame = encodeFrame(Opcode.text, Buffer.from(text));
      for (const socket of connections.open(index)) socket.write(frame);
    },
    mute(most) {
      const sockets = connections.open().slice(0, most);
      connections.hearing.mute(sockets);
      return sockets.map(({ index }) => index);
    },
    end: (ending, most = Number.POSITIVE_INFINITY) =>
      watchEnd(connections, () => connections.end(ending, most)),
    silence: (most) => silence(connections.open().slice(0, most)),
    letGo: () => watchEnd(connections, () => connections.letGo()),
  };
}

export interface Churned extends Opening {
  /** Ended before they were open, on purpose. */
  readonly interrupted: number;
  readonly ended: Ended;
  readonly reasons: Readonly<Record<string, string>>;
}

/** Opens connections and ends each as soon as it is open, or before: `concurrency` of them at a time, `count` in all. */
export async function churn(settings: ConnectSettings, ending: Ending | Interruption): Promise<Churned> {
  const connections = new Connections(settings, ending);
  const startedMs = performance.now();
  const ended = await watchEnd(connections, () => connections.run());
  const { interrupted, reasons } = connections.outcomes;
  return { ...tellOpening(settings, connections, startedMs), interrupted, ended, reasons };
}

function tellOpening({ count }: ConnectSettings, { outcomes }: Connections, startedMs: number): Opening {
  const { opened, refused, failed, refusedBy, latencyMs } = outcomes;
  return {
    asked: count,
    ...{ opened, refused: { ...refused }, failed: { ...failed }, refusedBy },
    latencyMs: summarizeLatency(latencyMs),
    tookMs: performance.now() - startedMs,
  };
}

async function watchEnd({ outcomes }: Connections, work: () => Promise<void>): Promise<Ended> {
  const before = { ...outcomes.ended };
  const lateBefore = outcomes.late;
  const startedMs = performance.now();
  await work();
  const by = Object.entries(outcomes.ended)
    .map(([kind, count]): [string, number] => [kind, count - (before[kind] ?? 0)])
    .filter(([, count]) => count > 0);
  return {
    by: Object.fromEntries(by),
    late: outcomes.late - lateBefore,
    tookMs: performance.now() - startedMs,
  };
}
