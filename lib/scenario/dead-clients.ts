/** A network that falls silent between Socket.IO clients and their server: whether each side finds the other dead, and how soon. */
import type { Network } from "../clients/network.ts";
import type { Returning } from "../clients/returning.ts";
import type { Tally } from "../clients/tally.ts";
import { formatDuration } from "../units.ts";
import { lookUntil } from "./abortable.ts";
import { awaitGone } from "./churn.ts";
import type { LeftOver } from "./left-over.ts";
import { judgeLeftOver } from "./left-over.ts";
import { atLeast, type Measure, unknown } from "./measure.ts";
import { describeTally } from "./tally-text.ts";
import type { TargetRun } from "./target-run.ts";

export interface DeathRecord {
  /** Whom the silence met. */
  readonly clients: number;
  /** Whom the server still had afterwards, and how long it had. */
  readonly server: LeftOver;
  readonly serverTookMs: number;
  /** Clients that found it dead, by what they say. */
  readonly lost: number;
  readonly lostBy: Tally;
  readonly clientsTookMs: number;
  readonly cutShort: boolean;
}

export interface DeathSettings {
  readonly clients: Returning;
  readonly network: Network;
  readonly target: TargetRun;
  readonly socketsBefore: number | null;
  readonly signal: AbortSignal;
}

export async function awaitDeath(settings: DeathSettings, withinMs: number): Promise<DeathRecord> {
  const { clients, network, target, socketsBefore, signal } = settings;
  const there = clients.connected;
  const lost = clients.stay();
  network.silence();
  const startedMs = performance.now();
  const since = () => performance.now() - startedMs;
  const byServer = awaitGone({ target, socketsBefore, settleMs: withinMs, signal }).then((server) => ({
    server,
    serverTookMs: since(),
  }));
  const byClients = (async () => {
    await lookUntil(() => lost.lost >= there, withinMs, signal);
    return { lost: lost.lost, lostBy: { ...lost.by }, clientsTookMs: since() };
  })();
  return { clients: there, ...(await byServer), ...(await byClients), cutShort: signal.aborted };
}

export function judgeFoundByServer({ clients, server, serverTookMs }: DeathRecord): Measure {
  if (clients === 0) return unknown("nobody was there");
  const measure = judgeLeftOver([server]);
  const took = `looked at for ${formatDuration(serverTookMs)}`;
  return "evidence" in measure ? { ...measure, evidence: [...measure.evidence, took] } : measure;
}

export function judgeFoundByClients({
  clients,
  lost,
  lostBy,
  clientsTookMs,
  cutShort,
}: DeathRecord): Measure {
  if (clients === 0) return unknown("nobody was there");
  if (cutShort && lost < clients) return unknown("the run was ended early");
  const by = describeTally(lostBy) ?? "nobody did";
  return atLeast(lost, clients, "count", [`${by}, within ${formatDuration(clientsTookMs)}`]);
}
