/** Messages there and back, and to many at once, beside the ws library and undici: what checking and timing each of them costs. */
import { runClient, startServer } from "./client-process.ts";
import type { Contest, Contestant } from "./contest.ts";
import type { Workbench } from "./workbench.ts";

/** Latency as two kinds of client see it where the server stalls for 400 ms every 2 s. */
export function contestStalls(bench: Workbench): Contest {
  const server = startServer(bench, "./message-server.ts", ["stalls"]);
  const by = (work: string): Contestant => ({
    measure: async () => runClient(bench, ["proofload", work, await server()], [], "./message-client.ts"),
  });
  const row = { ours: "as it is due", peers: ["answer by answer"], unit: "ms" };
  return {
    name: "stalls",
    contestants: { "as it is due": by("open"), "answer by answer": by("closed") },
    rows: [
      { work: "a server that stalls: 99 %, from when due", figure: "p99", ...row },
      { work: "— from when sent", figure: "raw", ...row },
    ],
  };
}

export function contestMessages(bench: Workbench): Contest {
  const server = startServer(bench, "./message-server.ts");
  const by = (client: string, work: string): Contestant => ({
    measure: async () => runClient(bench, [client, work, await server()], [], "./message-client.ts"),
  });
  const works = {
    "echo-1": "64 B there and back",
    "echo-16": "— 16 at a time",
    flood: "64 B to each of 500",
  };
  const clients = ["proofload", "ws", "undici"] as const;
  const contestants = Object.keys(works).flatMap((work) =>
    clients.map((client) => [`${client} ${work}`, by(client, work)] as const),
  );
  return {
    name: "messages",
    warmsItself: true,
    contestants: Object.fromEntries(contestants),
    rows: Object.entries(works).flatMap(([work, told]) => [
      {
        ...{ work: told, figure: "rate", unit: "/s", ours: `proofload ${work}` },
        ...{ peers: [`ws ${work}`, `undici ${work}`], target: { of: "ratio", atLeast: 0.95 } as const },
      },
      {
        ...{ work: "— client's CPU for each", figure: "cpuUs", unit: "µs", ours: `proofload ${work}` },
        peers: [`ws ${work}`],
      },
    ]),
  };
}
