/** What the hub says of itself: /stats as JSON, /metrics as Prometheus text, and its state file. */
import { performance } from "node:perf_hooks";
import type { Hub } from "./core.ts";

export function collectStats(hub: Hub) {
  const { ring, subscribers, managers, timers, sockets } = hub;
  const oldestAgeMs = ring.oldestAtMs === null ? 0 : performance.now() - ring.oldestAtMs;
  return {
    state: hub.state,
    events: {
      ring: ring.size,
      total: hub.publisher.published,
      oldestAgeMs: Math.round(oldestAgeMs),
      expired: ring.expired,
    },
    subscribers: subscribers.count,
    peakSubscribers: subscribers.peak,
    refused: subscribers.refused,
    cap: hub.settings.cap,
    connections: sockets.size,
    timers: timers.live,
    managers: managers.count,
    managersPerUser: managers.mostPerUser,
    offline: managers.offline,
    log: hub.publisher.logged,
    uptimeMs: Math.round(performance.now() - hub.startedMs),
  };
}

/** Text format 0.0.4 of Prometheus. */
export function renderMetrics(hub: Hub): string {
  const stats = collectStats(hub);
  const rows: readonly [name: string, type: "gauge" | "counter", help: string, value: number][] = [
    ["hub_ring_events", "gauge", "events in the ring buffer", stats.events.ring],
    ["hub_events_total", "counter", "events published", stats.events.total],
    ["hub_events_expired_total", "counter", "events dropped at the end of their time", stats.events.expired],
    ["hub_oldest_event_seconds", "gauge", "age of the oldest event", stats.events.oldestAgeMs / 1000],
    ["hub_subscribers", "gauge", "subscribers now", stats.subscribers],
    ["hub_subscribers_peak", "gauge", "most subscribers at a time", stats.peakSubscribers],
    ["hub_subscribers_cap", "gauge", "subscribers at most", stats.cap],
    ["hub_refused_total", "counter", "clients above the cap", stats.refused],
    ["hub_connections", "gauge", "TCP connections", stats.connections],
    ["hub_timers", "gauge", "live timers", stats.timers],
    ["hub_managers", "gauge", "users known", stats.managers],
    ["hub_managers_per_user", "gauge", "of the user who has the most", stats.managersPerUser],
    ["hub_offline_events", "gauge", "events kept for users who are away", stats.offline],
    ["hub_log_lines", "gauge", "log lines in memory", stats.log],
    ["hub_uptime_seconds", "gauge", "since the start", stats.uptimeMs / 1000],
  ];
  const lines = rows.map(
    ([name, type, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`,
  );
  return lines.join("");
}
