#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; GLIBC_TUNABLES=glibc.malloc.hugetlb=1 exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Runs Proofload's stressors and their peers in turn, and prints how they compare: exit 0 when every target is reached, else 1. */
import { contestFullCpu, contestPartialCpu } from "./cpu.ts";
import { contestDescriptors } from "./descriptors.ts";
import { contestEnospc, contestWrite } from "./disk.ts";
import { contestMemory } from "./memory.ts";
import { runBench } from "./program.ts";

const program = {
  file: "bench/exhaustion.ts",
  about: [
    "Runs Proofload's stressors and their peers (stress-ng, dd, fallocate, small C programs) in turn, a warm-up first, and",
    "prints the ratios of the medians with their spread over the pairs, beside what is to be reached.",
  ],
  contests: {
    "cpu-full": contestFullCpu,
    "cpu-partial": contestPartialCpu,
    memory: contestMemory,
    descriptors: contestDescriptors,
    write: contestWrite,
    enospc: contestEnospc,
  },
  folderHelp: "where 2 GiB are written, in a private folder",
};

process.exitCode = await runBench(program, process.argv.slice(2));
