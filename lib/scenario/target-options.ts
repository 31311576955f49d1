/** The options that say what is put under load, and how they and a target file become one target. */
import { refuseHealth, refuseInspector, refuseReady, refuseUrl } from "../target/address.ts";
import { readWords, refuseCommand } from "../target/command-words.ts";
import { refuseProgram } from "../target/find-program.ts";
import { refuseGaugeName, refuseGaugeSource } from "../target/gauge-source.ts";
import { completeSpec, remoteHosts, type TargetSpec } from "../target/spec.ts";
import { bytes, count, duration } from "./number-options.ts";
import { type Options, optional, repeatable, type Values } from "./option.ts";
import { flagName } from "./settings.ts";
import { text } from "./text-options.ts";

export const targetOptions = {
  target: optional(
    text({
      default: "",
      placeholder: "FILE",
      help: "a target file: what follows here, as JSON; see targets/",
    }),
    "none",
  ),
  targetCommand: optional(
    text({
      default: "",
      placeholder: "COMMAND",
      help: "starts it, without a shell; {port}, {port2} and {dir} become free ports and a fresh folder",
      accepts: refuseCommand,
    }),
    "none",
  ),
  targetPid: optional(count({ default: "1", min: "1", help: "or watch one that already runs" }), "none"),
  targetUrl: optional(
    text({
      default: "",
      placeholder: "URL",
      help: "where clients connect: ws://, http://, tcp:// or unix:",
      accepts: refuseUrl,
    }),
    "none",
  ),
  targetReady: optional(
    text({
      default: "",
      placeholder: "SOURCE",
      help: "when it is up: an HTTP URL, tcp:PORT, or output:PATTERN",
      accepts: refuseReady,
    }),
    "it accepts connections",
  ),
  targetHealth: optional(
    text({
      default: "",
      placeholder: "URL",
      help: "asked all the time; its latency and failures are gauges",
      accepts: refuseHealth,
    }),
    "its URL: an HTTP request, or whether it closes what we close",
  ),
  targetHealthEvery: duration({
    default: "200ms",
    min: "10ms",
    help: "time between two questions: often enough to see a short outage, and no load",
  }),
  targetInspector: optional(
    text({
      default: "",
      placeholder: "HOST:PORT",
      help: "the inspector of a Node or Deno that already runs (--inspect): its live bytes after collections",
      accepts: refuseInspector,
    }),
    "none",
  ),
  gauge: repeatable(
    text({
      default: "",
      placeholder: "NAME=SOURCE",
      help: 'a number that must come back: json:URL#/pointer, prom:URL#metric{label="x"}, text:URL#pattern or file:PATH',
      accepts: refuseNamedGauge,
    }),
    "none",
  ),
  allowRemote: repeatable(
    text({
      default: "",
      placeholder: "HOST",
      help: "send load to this host too, which is not this one",
    }),
    "none",
  ),
  targetReadyWithin: duration({ default: "30s", help: "how long the target may take to be up" }),
  targetStopWithin: duration({ default: "10s", help: "how long it may take to stop before it is killed" }),
  targetSettle: duration({
    default: "10s",
    smoke: "5s",
    help: "how long what it took may take to come back",
  }),
  targetMaxOutage: duration({
    default: "5s",
    help: "the longest time without an answer before it counts as not answering",
  }),
  targetMaxGrowth: bytes({
    default: "150MB",
    profile: "memoryGrowthLimit",
    help: "anonymous memory of the target that may not come back",
  }),
  targetMaxKept: count({
    default: "8",
    help: "descriptors, threads, connections and processes, each, that may not come back: pools open a few at first use",
  }),
} as const satisfies Options;

export type TargetOptions = typeof targetOptions;
export type TargetValues = Values<TargetOptions>;

export type ResolvedTarget = { readonly spec: TargetSpec | null } | { readonly mistakes: readonly string[] };

/** What of a target file counts where the command line says nothing. */
export function resolveTarget(values: TargetValues, file: TargetSpec | null): ResolvedTarget {
  const { targetCommand, targetPid, targetUrl, targetReady, targetHealth, targetInspector, gauge } = values;
  const words = targetCommand === null ? null : readWords(targetCommand);
  const command = words ?? (targetPid === null ? (file?.command ?? null) : null);
  const pid = targetPid ?? (words === null ? (file?.pid ?? null) : null);
  const url = targetUrl ?? file?.url ?? null;
  const mistakes: string[] = [];
  if (words !== null && targetPid !== null)
    mistakes.push("Cannot take --target-command and --target-pid together: expected one of them");
  if (command === null && pid === null && url === null) {
    const about = { targetReady, targetHealth, targetInspector, gauge: gauge.length > 0 ? gauge : null };
    for (const [key, value] of Object.entries(about)) {
      if (value !== null)
        mistakes.push(
          `Cannot take --${flagName(key)} without a target: expected --target, --target-command, --target-pid or --target-url`,
        );
    }
    return mistakes.length > 0 ? { mistakes } : { spec: null };
  }
  const spec = completeSpec({
    ...file,
    command,
    pid,
    url,
    ready: targetReady ?? file?.ready ?? null,
    health: targetHealth ?? file?.health ?? null,
    gauges: { ...file?.gauges, ...Object.fromEntries(gauge.map(splitGauge)) },
    inspector: targetInspector ?? file?.inspector ?? null,
  });
  mistakes.push(...refuseMissing(spec), ...refusePid(pid), ...refuseRemote(spec, values.allowRemote));
  return mistakes.length > 0 ? { mistakes } : { spec };
}

function splitGauge(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

function refuseNamedGauge(text: string): string | null {
  const [name, source] = splitGauge(text);
  const expected = refuseGaugeName(text.includes("=") ? name : "");
  return expected ? `NAME=SOURCE, with ${expected}` : refuseGaugeSource(source);
}

/** A program that is not there is a mistake of the command line, told before anything is touched. */
function refuseMissing({ name, command, requires, directory, environment }: TargetSpec): string[] {
  if (command === null) return [];
  const path = environment.PATH ?? process.env.PATH ?? "";
  return [...command.slice(0, 1), ...requires].flatMap((program) => {
    const reason = program.includes("{") ? null : refuseProgram(program, directory ?? process.cwd(), path);
    return reason ? [`Cannot start ${name}: ${reason}`] : [];
  });
}

function refusePid(pid: number | null): string[] {
  if (pid === null) return [];
  try {
    process.kill(pid, 0);
    return [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPERM") return [];
    return [`Cannot watch pid ${pid}: expected a process that runs, got none`];
  }
}

function refuseRemote(spec: TargetSpec, allowed: readonly string[]): string[] {
  return remoteHosts(spec)
    .filter((host) => !allowed.includes(host))
    .map((host) => `Cannot send load to ${host}: expected this host, or --allow-remote ${host}`);
}
