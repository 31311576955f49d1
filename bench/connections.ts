/** Connecting, verifying the upgrade and closing, as fast as one thread can, beside the ws library and undici. */
import { runClient, startServer } from "./client-process.ts";
import type { Contest, Contestant } from "./contest.ts";
import type { Workbench } from "./workbench.ts";

/** Two seconds and more. */
const COUNT = 20_000;

export function contestChurn(bench: Workbench): Contest {
  const servers = {
    ws: startServer(bench, "./ws-server.ts"),
    raw: startServer(bench, "./upgrade-server.ts"),
  };
  const against = (
    server: keyof typeof servers,
    client: "proofload" | "ws" | "undici",
    ending: string,
  ): Contestant => ({
    measure: async () => runClient(bench, [client, ending, await servers[server](), COUNT]),
  });
  const peer = "ws, close()";
  const other = "undici, close()";
  return {
    name: "churn",
    warmsItself: true,
    contestants: {
      polite: against("ws", "proofload", "polite"),
      [peer]: against("ws", "ws", "polite"),
      [other]: against("ws", "undici", "polite"),
      reset: against("ws", "proofload", "reset"),
      "ws, terminate()": against("ws", "ws", "reset"),
      "polite, raw server": against("raw", "proofload", "polite"),
      "ws, close(), raw server": against("raw", "ws", "polite"),
    },
    rows: [
      {
        ...{
          work: "connect, verify, reset: ws server",
          figure: "rate",
          unit: "/s",
          ours: "reset",
          peers: [peer, other],
        },
        target: { of: "ratio", atLeast: 2 },
      },
      { work: "— both abruptly", figure: "rate", unit: "/s", ours: "reset", peers: ["ws, terminate()"] },
      {
        work: "— both politely: server's limit",
        figure: "rate",
        unit: "/s",
        ours: "polite",
        peers: [peer, other],
      },
      {
        ...{ work: "— both politely: a raw server", figure: "rate", unit: "/s" },
        ...{ ours: "polite, raw server", peers: ["ws, close(), raw server"] },
      },
      { work: "client's CPU, both politely", figure: "cpuUs", unit: "µs", ours: "polite", peers: [peer] },
      { work: "— both abruptly", figure: "cpuUs", unit: "µs", ours: "reset", peers: ["ws, terminate()"] },
    ],
  };
}
