/** The report of one run: its schema is the truth that everything else is rendered from. */
import { z } from "zod";
import { amount, finding } from "./finding.ts";

const verdict = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("pass"), sentence: z.string() }),
  z.object({ kind: z.literal("fail"), sentence: z.string() }),
  z.object({ kind: z.literal("inconclusive"), sentence: z.string() }),
  z.object({ kind: z.literal("skipped"), sentence: z.string() }),
  z.object({ kind: z.literal("interrupted"), sentence: z.string(), signal: z.enum(["SIGINT", "SIGTERM"]) }),
  z.object({ kind: z.literal("error"), sentence: z.string(), stack: z.string().optional() }),
  z.object({ kind: z.literal("unfinished"), sentence: z.string() }),
]);

const load = z.object({
  stressor: z.string(),
  unit: amount,
  asked: z.number(),
  held: z.number().describe("the most that was held at the moment of release"),
  released: z.int(),
  forced: z.int().describe("threads destroyed because they did not let go in the grace period"),
  died: z.array(z.string()),
});

const sampling = z.object({
  intervalMs: z.number(),
  due: z.int(),
  taken: z.int(),
  lateMs: z.object({ p50: z.number().nullable(), p99: z.number().nullable(), max: z.number().nullable() }),
  medianTickMs: z.number().nullable().describe("what one sample costs the main thread"),
  samplerShare: z.number().nullable().describe("of a core: median tick over the interval"),
  mainThreadShare: z
    .number()
    .nullable()
    .describe("of a core: the sampler and the scenario's own steps together"),
  stealShare: z
    .number()
    .nullable()
    .describe("of the processors' time, given to somebody else by the hypervisor"),
  throttledMs: z.number().nullable().describe("kept from running by the control group's quota"),
  busyBeforeShare: z.number().nullable().describe("how busy the processors were in the baseline"),
  unwritten: z.int().describe("samples that could not be written to samples.ndjson"),
  unreadable: z.record(z.string(), z.string()).describe("gauges that could not be read, and why"),
});

const health = z.object({
  by: z
    .enum(["answer", "close", "accept"])
    .describe("what it did when it was asked; accept: it took connections, which its kernel does by itself"),
  asked: z.int(),
  failed: z.int(),
  notAsked: z
    .int()
    .describe("times that Proofload itself was out of descriptors or ports: they say nothing of the target"),
  latencyMs: z.object({
    p50: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
    max: z.number().nullable(),
  }),
  failures: z.array(z.string()).readonly(),
  longestOutageMs: z.number(),
});

const held = z.object({
  atMs: z.number(),
  rssBytes: z.number().nullable().describe("what several processes share counts once for each"),
  anonymousBytes: z
    .number()
    .nullable()
    .describe("of several processes Pss_Anon, where the kernel tells it: what they share counts once"),
  pssBytes: z.number().nullable().describe("proportional set size: what several processes share counts once"),
  descriptors: z.number().nullable(),
  descriptorKinds: z
    .record(z.string(), z.number())
    .readonly()
    .nullable()
    .describe("file, socket, pipe, anon, device, other; null where not all could be looked at"),
  threads: z.number().nullable(),
  sockets: z.number().nullable().describe("TCP connections on its ports that it holds or has yet to accept"),
  socketsEstablished: z.number().nullable(),
  socketsCloseWait: z.number().nullable().describe("the peer has closed, the target has not"),
  socketsClosing: z.number().nullable().describe("the kernel's alone, as TIME_WAIT: not among `sockets`"),
  processes: z.number().nullable(),
  liveBytes: z
    .number()
    .nullable()
    .describe("after a forced collection; null where the engine cannot be asked"),
});

const target = z.object({
  name: z.string(),
  isHub: z.boolean(),
  command: z.array(z.string()).readonly().nullable(),
  pid: z.int().nullable(),
  url: z.string().nullable(),
  readyAfterMs: z.number(),
  died: z
    .object({ exitCode: z.int().nullable(), signal: z.string().nullable(), during: z.string() })
    .nullable()
    .describe("how it ended before it was asked to"),
  health: z.object({ underLoad: health, afterwards: health }).nullable(),
  before: held,
  base: held
    .nullable()
    .describe("once the load had warmed it up: what it may keep; null without such a load"),
  after: held.nullable(),
  stayed: z
    .array(z.string())
    .readonly()
    .describe("what is there afterwards and was not before, or at the base, by name"),
  stop: z
    .object({ tookMs: z.number(), forced: z.boolean(), left: z.array(z.string()).readonly() })
    .nullable(),
  lastLines: z.array(z.string()).readonly().describe("of its output"),
  output: z
    .object({
      readBytes: z.number(),
      droppedBytes: z.number().describe("of those, in a flood, without a look"),
    })
    .nullable()
    .describe("all that it wrote; null for one that was already running"),
});

/** Who leads to whom, where that is what a run is about: each group is drawn by itself. */
const picture = z.object({
  caption: z.string(),
  groups: z
    .array(
      z.object({
        nodes: z.array(z.string()).readonly(),
        arrows: z
          .array(
            z.object({
              from: z.int().describe("its place among the nodes, from 0"),
              to: z.int(),
              style: z.enum(["plain", "weak", "cut"]),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
  legend: z.record(z.enum(["plain", "weak", "cut"]), z.string()),
  left: z.string().nullable().describe("what is not drawn, where that is something"),
});

/** 2: findings carry their limit as a number, the trends that they were judged by, and the curve that a limit belongs to. */
export const SCHEMA_VERSION = 2;

export const reportSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  scenario: z.string(),
  group: z.string(),
  summary: z.string(),
  run: z.string().describe("the name of this run's folder"),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nullable(),
  verdict,
  exitCode: z.int().nullable(),
  findings: z.array(finding),
  phases: z.array(z.object({ name: z.string(), startMs: z.number(), endMs: z.number().nullable() })),
  loads: z.array(load),
  guard: z.string().nullable().describe("why the guard ended the load, where it did"),
  target: target.nullable(),
  sampling: sampling.nullable(),
  host: z.object({
    hostname: z.string(),
    platform: z.string(),
    kernel: z.string(),
    cpuModel: z.string(),
    allowedCpus: z.array(z.int()),
    cpuQuota: z.number().nullable(),
    memoryTotalBytes: z.number(),
    memoryLimitBytes: z.number(),
    memoryLimitedBy: z.string(),
    descriptorLimit: z.number().nullable(),
    bootId: z.string().nullable(),
    runtime: z.object({ name: z.enum(["node", "deno", "bun"]), version: z.string() }),
  }),
  process: z.object({
    pid: z.int(),
    command: z.array(z.string()),
    oomScoreAdj: z.int().nullable().describe("1000: the kernel kills this process first"),
  }),
  seed: z.int(),
  profile: z.object({ name: z.string(), because: z.string() }),
  settings: z.array(z.object({ name: z.string(), value: z.string(), source: z.string() })),
  evidence: z.unknown().describe("what the scenario itself measured"),
  picture: picture.optional(),
  notes: z.array(z.string()),
});

export type Picture = z.infer<typeof picture>;
export type Report = z.infer<typeof reportSchema>;
export type Verdict = Report["verdict"];
