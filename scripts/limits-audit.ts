#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Reads the limits in force for this process and box, and judges whether they are fit for what follows. */
import { type LimitsRecord, readLimits } from "../lib/host/limits.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, type Measure, skipped, so, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration, share } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { folder } from "../lib/scenario/text-options.ts";
import { formatBytes } from "../lib/units.ts";

export const scenario = defineScenario({
  summary: "Read the limits of this process and box, and judge them: why each matters, how to change it.",
  group: "audit",
  target: { role: "none" },
  options: {
    minMemoryLimit: bytes({ default: "256MB", help: "least memory limit of a control group" }),
    maxMemoryLimit: bytes({ default: "8GB", help: "largest memory limit of a control group" }),
    minMemory: bytes({ default: "2GB", help: "least memory of the box" }),
    minCores: count({ default: "2", help: "least processors that this process may use" }),
    minDescriptors: count({ default: "1024", help: "least soft limit of open files" }),
    minProcesses: count({ default: "1024", help: "least limit of processes and threads" }),
    minCommit: bytes({
      default: "1GB",
      help: "least memory that may still be promised under strict overcommit",
    }),
    maxSwapUsed: share({ default: "50%", help: "of the swap that may be in use" }),
    maxPressure: share({
      default: "10%",
      help: "of the last ten seconds in which some task waited for memory",
    }),
    minWatches: count({ default: "8192", help: "least inotify watches a user" }),
    minPorts: count({ default: "10000", help: "least ephemeral ports" }),
    minDisk: bytes({ default: "1GB", help: "least free space" }),
    maxClockDrift: duration({ default: "10ms", help: "how far the clocks may part in a second" }),
    volume: folder({ default: ".", help: "the volume whose free space matters" }),
  },
  volume: ({ volume }) => ({ path: volume, guarded: false }),
  requires: ({ platform }) => (platform === "linux" ? null : "needs /proc: the limits are Linux's"),
  plan: () => ({ durationMs: 1000, steps: ["read limits and clocks, take nothing"], peak: {} }),

  run: ({ phase, options }) => phase("baseline", { lastsMs: 1000 }, () => readLimits(options.volume)),

  invariants: {
    applied: {
      "the limits of this process could be read": ({ evidence }) =>
        so(evidence.descriptors !== null, evidence.descriptors ? "read" : "no /proc/self/limits", "read"),
    },
    held: {
      "the memory limit lies between {minMemoryLimit} and {maxMemoryLimit}, or there is none": ({
        host,
        options,
      }) => {
        const advice = [
          "why: below, a runtime dies at its start; above, one leaking service takes the box along",
          "change: docker run --memory, MemoryMax= of systemd, or memory.max of the control group",
        ];
        if (host.memoryLimitedBy === "host")
          return so(true, "none: no control group limits it", "or none", advice);
        const { minMemoryLimit: least, maxMemoryLimit: most } = options;
        const limit = `${formatBytes(least)} to ${formatBytes(most)}`;
        const bytes = host.memoryLimitBytes;
        return so(bytes >= least && bytes <= most, formatBytes(bytes), limit, [
          `set by ${host.memoryLimitedBy}`,
          ...advice,
        ]);
      },
      "the box has more than {minMemory} of memory": ({ host, options }) =>
        atLeast(host.memoryTotalBytes, options.minMemory, "bytes", [
          "why: test runners, browsers and a server together need it; below, the OOM killer decides what is tested",
          "change: a larger machine",
        ]),
      "at least {minCores} processors may be used": ({ host, options }) =>
        atLeast(Math.min(host.allowedCpus.length, host.cpuQuota ?? Infinity), options.minCores, "count", [
          "why: on one processor load and sampler take turns, and every delay is the test's own",
          `change: taskset, cpuset.cpus or docker run --cpus; quota now: ${host.cpuQuota ?? "none"}`,
        ]),
      "at least {minDescriptors} files may be open": ({ evidence, options }) =>
        atLeast(evidence.descriptors?.soft, options.minDescriptors, "count", [
          `hard limit ${evidence.descriptors?.hard}`,
          "why: a connection is a descriptor; at the limit accept(2) fails and the server looks dead",
          "change: ulimit -n, LimitNOFILE= of systemd, docker run --ulimit nofile",
        ]),
      "at least {minProcesses} processes and threads may run": ({ evidence: { processes, pids }, options }) =>
        atLeast(smallest(processes, pids), options.minProcesses, "count", [
          `RLIMIT_NPROC ${tell(processes)}, pids.max ${tell(pids)}`,
          "why: every worker thread is one; at the limit fork(2) fails with EAGAIN",
          "change: ulimit -u, TasksMax= of systemd, docker run --pids-limit",
        ]),
      "memory may be promised beyond what is there, or {minCommit} is left to promise": ({
        evidence,
        options,
      }) => {
        const { overcommitMode: mode, commitLeftBytes: left } = evidence;
        const advice = [
          "why: engines reserve gigabytes that they never touch; strict overcommit refuses them long before memory is out",
          "change: sysctl vm.overcommit_memory=0",
        ];
        if (mode === null) return unknown("vm.overcommit_memory could not be read");
        return mode === 2
          ? atLeast(left, options.minCommit, "bytes", advice)
          : so(true, `mode ${mode}`, "0 or 1", advice);
      },
      "at most {maxSwapUsed} of the swap is in use": ({
        evidence: { swapTotalBytes, swapUsedBytes },
        options,
      }) => {
        const advice = [
          "why: a box that swaps answers in disk time, and memory limits slow instead of striking",
          "change: swapoff -a, or less on the box",
        ];
        if (swapTotalBytes === 0) return so(true, "no swap", "or none", advice);
        const used =
          swapTotalBytes === null || swapUsedBytes === null ? null : swapUsedBytes / swapTotalBytes;
        return atMost(used, options.maxSwapUsed, "share", advice);
      },
      "tasks wait for memory at most {maxPressure} of the time": ({ evidence, options }) =>
        evidence.memoryPressure === null
          ? skipped("this kernel has no PSI: psi=1 on its command line")
          : atMost(evidence.memoryPressure, options.maxPressure, "share", [
              "why: a box under pressure before the load fails for reasons that are not the load's",
              "change: stop what else runs",
            ]),
      "at least {minWatches} files can be watched": ({
        evidence: { inotifyWatches, inotifyInstances },
        options,
      }) =>
        atLeast(inotifyWatches, options.minWatches, "count", [
          `${tell(inotifyInstances)} instances a user`,
          "why: test runners and dev servers watch a file each; at the limit they fail with ENOSPC",
          "change: sysctl fs.inotify.max_user_watches",
        ]),
      "at least {minPorts} ephemeral ports are there": ({
        evidence: { ephemeralPorts, listenBacklog },
        options,
      }) =>
        atLeast(ephemeralPorts, options.minPorts, "count", [
          `listen backlog ${tell(listenBacklog)} (net.core.somaxconn)`,
          "why: each outgoing connection holds one, for a minute longer than it lives (TIME_WAIT)",
          "change: sysctl net.ipv4.ip_local_port_range",
        ]),
      "at least {minDisk} of disk is free, and inodes with it": ({ evidence, options }) =>
        judgeDisk(evidence, options.minDisk),
      "wall clock and monotonic clock part by at most {maxClockDrift} a second": ({ evidence, options }) =>
        atMost(evidence.clockDriftMsPerSecond, options.maxClockDrift, "ms", [
          `clock source ${evidence.clockSource ?? "unknown"}`,
          "why: a clock that is being stepped spoils time stamps, tokens and time-outs",
          "change: let chrony or systemd-timesyncd settle before the run",
        ]),
    },
    recovered: {},
  },
});

function judgeDisk({ diskFreeBytes, diskFreeInodes }: LimitsRecord, least: number): Measure {
  const advice = [
    `${diskFreeInodes === null ? "uncounted" : diskFreeInodes} inodes free`,
    "why: logs, reports and temporary files of a long run; full, everything fails at once",
    "change: clean up, or --volume elsewhere",
  ];
  if (diskFreeInodes === 0) return so(false, "no inode free", "at least 1", advice);
  return atLeast(diskFreeBytes, least, "bytes", advice);
}

function smallest(...values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function tell(value: number | null): string {
  return value === null ? "unknown" : String(value);
}

await main(import.meta, scenario);
