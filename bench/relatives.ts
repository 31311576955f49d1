/** What others of the trade reach on this box: Artillery's WebSocket engine, and over HTTP autocannon and wrk, beside our echoes. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runClient, startServer } from "./client-process.ts";
import type { Contest, Contestant, Figures } from "./contest.ts";
import { MESSAGE_BYTES } from "./message.ts";
import type { Workbench } from "./workbench.ts";

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const NODE_24 = at(".runtimes/node_modules/.bin/node");
const ARTILLERY = at(".peers/node_modules/artillery/bin/run");
const AUTOCANNON = at(".peers/node_modules/autocannon/autocannon.js");
const WRK = "/usr/bin/wrk";

/** As many as our echoes have. */
const CONNECTIONS = 64;
const LASTS_S = 4;
/** Of each of Artillery's users; all of them arrive in the first second. */
const MESSAGES_EACH = 1500;

export function contestRelatives(bench: Workbench): Contest {
  const server = startServer(bench, "./message-server.ts");
  const url = async (protocol: string) => `${protocol}://127.0.0.1:${await server()}/`;
  const ours: Contestant = {
    measure: async () => runClient(bench, ["proofload", "echo-1", await server()], [], "./message-client.ts"),
  };
  const artillery: Contestant = {
    missing: lookFor({ [NODE_24]: "make runtimes", [ARTILLERY]: "make peers" }),
    measure: async () => runArtillery(bench, await url("ws")),
  };
  const autocannon: Contestant = {
    missing: lookFor({ [AUTOCANNON]: "make peers" }),
    measure: async () => runAutocannon(bench, await url("http")),
  };
  const wrk: Contestant = {
    missing: lookFor({ [WRK]: "apt-get install wrk" }),
    measure: async () => runWrk(bench, await url("http")),
  };
  const row = { figure: "rate", unit: "/s", ours: "proofload, echo" };
  return {
    name: "relatives",
    warmsItself: true,
    contestants: { "proofload, echo": ours, "artillery, ws engine": artillery, autocannon, wrk },
    rows: [
      { work: "64 B there and back, 64 at a time", ...row, peers: ["artillery, ws engine"] },
      { work: "— beside HTTP: autocannon", ...row, peers: ["autocannon"] },
      { work: "— beside HTTP: wrk", ...row, peers: ["wrk"] },
    ],
  };
}

function lookFor(files: Readonly<Record<string, string>>): string | null {
  const [missing] = Object.entries(files).filter(([path]) => !existsSync(path));
  return missing ? `not installed: ${missing[1]}` : null;
}

/** One thread, as ours. */
async function runWrk(bench: Workbench, url: string): Promise<Figures> {
  const words = ["--threads", "1", "--connections", String(CONNECTIONS), "--duration", `${LASTS_S}s`, url];
  const { output } = await bench.run(WRK, words);
  return { rate: readRate(output, /^Requests\/sec:\s+([\d.]+)$/m) };
}

async function runAutocannon(bench: Workbench, url: string): Promise<Figures> {
  const words = ["--connections", String(CONNECTIONS), "--duration", String(LASTS_S), "--json", url];
  const { output } = await bench.run(process.execPath, [AUTOCANNON, ...words]);
  return { rate: readRate(output, /"requests":\{"average":([\d.]+)/) };
}

/**
 * Its users send one after another and wait for no answer, so its rate is of what it sends. What it reports in the end, not what was
 * asked for, is counted; its own minute of arrivals is cut to a second.
 */
async function runArtillery(bench: Workbench, url: string): Promise<Figures> {
  const [script, report] = [
    join(bench.folder, "artillery.json"),
    join(bench.folder, "artillery-report.json"),
  ];
  const flow = [{ loop: [{ send: "x".repeat(MESSAGE_BYTES) }], count: MESSAGES_EACH }];
  const phases = [{ duration: 1, arrivalCount: CONNECTIONS }];
  writeFileSync(
    script,
    JSON.stringify({ config: { target: url, phases }, scenarios: [{ engine: "ws", flow }] }),
  );
  try {
    await bench.run(NODE_24, [ARTILLERY, "run", "--quiet", "--output", report, script]);
    const { aggregate } = JSON.parse(readFileSync(report, "utf8"));
    const { counters, firstMetricAt, lastMetricAt } = aggregate;
    const sent = Number(counters["websocket.messages_sent"]);
    return { rate: (sent / (lastMetricAt - firstMetricAt)) * 1000 };
  } finally {
    for (const path of [script, report]) rmSync(path, { force: true });
  }
}

function readRate(output: string, pattern: RegExp): number {
  const rate = Number(pattern.exec(output)?.[1]);
  if (!(rate > 0)) throw new Error(`Cannot read a rate: expected ${pattern}, got ${output.slice(-400)}`);
  return rate;
}
