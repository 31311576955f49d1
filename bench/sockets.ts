#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Proofload's WebSocket clients beside those of the ws library: connections and messages a second, CPU for each, memory for each connection that is held. */
import { contestChurn } from "./connections.ts";
import { contestHeld } from "./held-connections.ts";
import { contestMessages, contestStalls } from "./messages.ts";
import { runBench } from "./program.ts";
import { contestRelatives } from "./relatives.ts";

const program = {
  file: "bench/sockets.ts",
  about: [
    "Runs Proofload's clients and those of the ws library and undici in turn, a warm-up first, each in a process of its own with one",
    "thread, and prints the ratios of the medians with their spread over the pairs. Only connections whose upgrade was verified count.",
    "The relatives are Artillery's WebSocket engine (on Node 24), autocannon and wrk: make peers, and Debian's wrk.",
  ],
  contests: {
    ...{ churn: contestChurn, held: contestHeld, messages: contestMessages, stalls: contestStalls },
    relatives: contestRelatives,
  },
  folderHelp: "where processes find each other, in a private folder",
};

process.exitCode = await runBench(program, process.argv.slice(2));
