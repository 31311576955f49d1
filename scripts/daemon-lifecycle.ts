#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lives a daemon's lives: starts that contend, stale pid files, taken ports, every signal; exactly one runs, and nothing is left. */
import { tmpdir } from "node:os";
import { clientOptions, headersOf } from "../lib/scenario/client-options.ts";
import { hubOptions, hubWords, refusePlanting } from "../lib/scenario/hub-options.ts";
import type { LifeName, LifePlan, LifeRecord, LifeSettings } from "../lib/scenario/life.ts";
import { main } from "../lib/scenario/main.ts";
import { atLeast, type Measure, none, skipped, unknown } from "../lib/scenario/measure.ts";
import { count, duration } from "../lib/scenario/number-options.ts";
import { optional, type Values } from "../lib/scenario/option.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { describeTally } from "../lib/scenario/tally-text.ts";
import { choice, some, text } from "../lib/scenario/text-options.ts";
import { findFreePort } from "../lib/target/free-port.ts";
import { BEHAVIOURS, FAULTS } from "../targets/hub/faults.ts";

/** A start, a look at it, and a stop. */
const PLANNED_MS = 1500;
/** For one of two that has to give way: it may still be starting. */
const LOSE_WITHIN_MS = 10_000;
/** Each process its own: of two runs at once neither takes a port that the other frees. */
const HUB_FIRST_PORT = 18_000 + (process.pid % 100) * 11;
const HUB_PORTS = `${HUB_FIRST_PORT}-${HUB_FIRST_PORT + 10}`;

const LIVES: readonly LifePlan[] = [
  { name: "alone", endBy: "SIGTERM" },
  { name: "second-start", endBy: "SIGINT" },
  { name: "two-at-once", endBy: "SIGTERM" },
  { name: "killed", endBy: "SIGKILL" },
  { name: "stale-pid", endBy: "SIGKILL" },
  { name: "reused-pid", endBy: "SIGTERM" },
  { name: "port-taken", endBy: "SIGINT" },
  { name: "sighup", endBy: "SIGTERM" },
];

const options = {
  lives: some(
    LIVES.map(({ name }) => name),
    { help: "that are lived, in this order" },
  ),
  rounds: count({
    default: "3",
    smoke: "1",
    min: "1",
    help: "in which all lives are lived, one after another",
  }),
  stopWithin: duration({ default: "5s", help: "how long a stop may take before the daemon is killed" }),
  pidFile: optional(
    text({ default: "", placeholder: "PATH", help: "where its pid is, {dir}/daemon.pid for one" }),
    "hub.pid of the hub; else there is none",
  ),
  ports: optional(
    text({
      default: HUB_PORTS,
      placeholder: "FROM-TO",
      help: "on which it may listen, the first that is free; {port} is the first of them",
      accepts: (ports) => (readPorts(ports) ? null : "two ports, FROM-TO, 1 to 65535"),
    }),
    "eleven of the hub's own; else it knows one port, {port}",
  ),
  sighup: optional(
    choice(["reload", "stop"], {
      default: "reload",
      help: "what SIGHUP is declared to do: it goes on, or stops",
    }),
    "reload of the hub; else it is not sent",
  ),
  lastLine: optional(
    text({
      default: "",
      placeholder: "PATTERN",
      help: "what the last line of its output matches after a clean stop",
      accepts: (pattern) => (readPattern(pattern) ? null : "a regular expression"),
    }),
    "^hub stopped$ of the hub; else its output is not judged",
  ),
  ...clientOptions,
  ...hubOptions("daemon-lifecycle", { faults: FAULTS, behaviours: BEHAVIOURS }),
};

export const scenario = defineScenario({
  summary:
    "Start, stop and kill a daemon in every way: exactly one runs, its pid file is right, and nothing of it is left.",
  group: "sockets",
  options,
  target: {
    role: "driven",
    headers: headersOf,
    hub: ({ ports, sighup, ...planted }) => [
      ...["--ports", ports ?? HUB_PORTS, "--sighup", sighup ?? "reload"],
      ...hubWords(planted),
    ],
  },
  contradictions: (values, _host, _given, target) => [
    ...refusePlanting(values, target),
    ...(target && target.command === null
      ? ["Cannot start and stop a target that runs already: expected --target-command"]
      : []),
  ],
  requires: ({ platform }) => (platform === "linux" ? null : "needs /proc to see who listens"),
  plan: ({ rounds }) => ({
    durationMs: rounds * LIVES.length * PLANNED_MS,
    steps: [
      `start the daemon ${rounds * LIVES.length} times: alone, twice, two at once, after SIGKILL, with its port taken`,
      "end it by SIGTERM, SIGINT and SIGKILL, while clients are connected",
    ],
    peak: { processes: 4, descriptors: 50 },
  }),

  async run({ options, target, phase, temporaryFolder, signal }) {
    // clients, an HTTP client and schemas: help does without them
    const { liveOnce } = await import("../lib/scenario/life.ts");
    const dir = temporaryFolder(tmpdir());
    const settings = { ...(await settingsOf(options, target.isHub, dir)), target, dir };
    const lives = livesOf(options, target.isHub);
    const records: LifeRecord[] = [];
    await phase("load", { lastsMs: options.rounds * lives.length * PLANNED_MS }, async () => {
      for (const plan of Array.from({ length: options.rounds }, () => lives).flat()) {
        if (signal.aborted) break;
        const record = await liveOnce(plan, settings);
        // of one that was cut short nobody knows what would have become
        if (!signal.aborted) records.push(record);
      }
    });
    const { pidFile, ports, sighup, lastLine } = settings;
    const known = { pidFile: pidFile !== null, lastLine: lastLine !== null, sighup, ports };
    return { records, planned: options.rounds * lives.length, known };
  },

  invariants: {
    applied: {
      "all lives were lived, {rounds} times": ({ evidence: { records, planned } }) =>
        atLeast(records.length, planned, "count"),
    },
    held: {
      "every start succeeds, also over a stale pid file and a reused pid": ({ evidence: { records } }) =>
        judge(records, ({ name, startError }) => (name === "port-taken" ? null : startError)),
      "exactly one runs: a second start is refused, and of two at once one wins": ({
        evidence: { records },
      }) => judge(of(records, "second-start", "two-at-once"), ({ contestError }) => contestError),
      "the pid file is right at every moment: it names who listens": ({ evidence: { records, known } }) => {
        if (!known.pidFile) return skipped("it has no pid file: --pid-file PATH");
        return judge(records, ({ statusError, pidFileErrors }) => statusError ?? pidFileErrors[0] ?? null);
      },
      "where the first port is taken, the next free one is chosen": ({ evidence: { records, known } }) => {
        const [from, to] = known.ports;
        if (from === to) return skipped("it knows one port: --ports FROM-TO");
        return judge(of(records, "port-taken"), ({ port, startError }) => {
          if (startError !== null) return startError;
          return port !== null && port > from ? null : `it listened on ${port ?? "none of them"}`;
        });
      },
      "SIGTERM and SIGINT stop it cleanly within {stopWithin}": ({ evidence: { records } }) =>
        judge(
          records.filter(({ endBy }) => endBy !== "SIGKILL"),
          ({ endBy, stopError }) => stopError && `${endBy}: ${stopError}`,
        ),
      "clients are told when it stops": ({ evidence: { records } }) => {
        const seen = records.filter(({ clients }) => clients !== null && clients.opened > 0);
        if (seen.length === 0) return skipped("nobody could connect: --target-url");
        return judge(seen, ({ clients }) =>
          clients && clients.told < clients.opened
            ? `${clients.told} of ${clients.opened} were: ${describeTally(clients.by) ?? "nothing came"}`
            : null,
        );
      },
      "SIGHUP does what is declared": ({ evidence: { records, known } }) => {
        if (known.sighup === null) return skipped("nobody declared what: --sighup reload|stop");
        return judge(of(records, "sighup"), ({ sighupError }) => sighupError);
      },
      "no zombie is left waiting": ({ evidence: { records } }) =>
        judge(records, ({ zombies }) => zombies[0] ?? null),
      "no output is lost at the stop": ({ evidence: { records, known } }) => {
        if (!known.lastLine) return skipped("nobody knows its last line: --last-line PATTERN");
        return judge(records, ({ outputError }) => outputError);
      },
    },
    recovered: {
      "no orphan holds its port": ({ evidence: { records } }) =>
        judge(records, ({ holders }) => (holders.length > 0 ? holders.join(", ") : null)),
      "no child outlives a clean stop": ({ evidence: { records } }) =>
        judge(records, ({ left }) => (left.length > 0 ? left.join(", ") : null)),
      "no pid file and no lock is left after a clean stop": ({ evidence: { records } }) =>
        judge(records, ({ leftFiles }) => (leftFiles.length > 0 ? leftFiles.join(", ") : null)),
    },
  },
});

function of(records: readonly LifeRecord[], ...names: readonly LifeName[]): readonly LifeRecord[] {
  return records.filter(({ name }) => names.includes(name));
}

/** Holds when nothing was amiss in any of these lives. */
function judge(records: readonly LifeRecord[], describe: (record: LifeRecord) => string | null): Measure {
  if (records.length === 0) return unknown("there was no such life");
  const wrong = records.flatMap((record) => {
    const what = describe(record);
    return what === null ? [] : [`${record.name}: ${what}`];
  });
  return none(wrong, records.length, "lives");
}

/** Those that make sense for it. */
function livesOf({ lives, ports, sighup }: Values<typeof options>, isHub: boolean): readonly LifePlan[] {
  return LIVES.filter(({ name }) => {
    if (!lives.includes(name)) return false;
    if (name === "port-taken") return isHub || ports !== null;
    return name !== "sighup" || isHub || sighup !== null;
  });
}

async function settingsOf(
  values: Values<typeof options>,
  isHub: boolean,
  dir: string,
): Promise<Omit<LifeSettings, "target" | "dir">> {
  const range = readPorts(values.ports ?? (isHub ? HUB_PORTS : ""));
  const port = range?.[0] ?? (await findFreePort());
  const pidFile = values.pidFile ?? (isHub ? "{dir}/hub.pid" : null);
  return {
    port,
    ports: range ?? [port, port],
    pidFile: pidFile?.replaceAll("{dir}", dir) ?? null,
    sighup: values.sighup ?? (isHub ? "reload" : null),
    lastLine: values.lastLine === null ? (isHub ? /^hub stopped$/ : null) : readPattern(values.lastLine),
    headers: headersOf(values),
    stopWithinMs: values.stopWithin,
    loseWithinMs: LOSE_WITHIN_MS,
  };
}

function readPorts(written: string): readonly [from: number, to: number] | null {
  const [, from = 0, to = 0] = /^(\d{1,5})-(\d{1,5})$/.exec(written)?.map(Number) ?? [];
  return from > 0 && from <= to && to <= 65_535 ? [from, to] : null;
}

function readPattern(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern);
  } catch {
    return null;
  }
}

await main(import.meta, scenario);
