/** How many descriptors a scenario may take, of this process's limit or a target's, and why an option for it is refused. */
import { type HostFacts, readRlimit } from "../host/facts.ts";
import type { TargetSpec } from "../target/spec.ts";
import { flagName } from "./settings.ts";

/** What the process holds before the load: pool, report and /proc handles. Below that many there is nothing to exhaust. */
const OWN_DESCRIPTORS = 100;

/** As many as the process may have open, less the headroom; with none, the limit itself. */
export function descriptorCeiling({ descriptorLimit }: HostFacts, headroom: number, most: number): number {
  return Math.min((descriptorLimit ?? 0) - headroom, most);
}

export function refuseHeadroom({ descriptorLimit }: HostFacts, headroom: number): string[] {
  if (descriptorLimit === null || headroom + OWN_DESCRIPTORS <= descriptorLimit) return [];
  const most = Math.max(0, descriptorLimit - OWN_DESCRIPTORS);
  return [
    `Cannot leave --headroom ${headroom}: expected at most ${most} under this process's limit of ${descriptorLimit}`,
  ];
}

/** What a target whose descriptors are to be exhausted has to be, and which options make no sense with it. */
export function refuseTarget(
  { targetDescriptors, most }: { readonly targetDescriptors: number; readonly most: number },
  { descriptorLimit }: HostFacts,
  given: ReadonlySet<string>,
  { name, url, pid, command }: TargetSpec,
): string[] {
  const mistakes = ["kind", "headroom", "maxKept"]
    .filter((key) => given.has(key))
    .map((key) => `Cannot take --${flagName(key)} with a target: it is for this process's own descriptors`);
  if (command === null && pid === null)
    return [
      ...mistakes,
      `Cannot exhaust the descriptors behind ${name}: expected --target-command or --target-pid, as nobody can count those of a URL`,
    ];
  if (url === null)
    mistakes.push(`Cannot exhaust the descriptors of ${name}: expected --target-url, to connect to`);
  if (pid !== null && given.has("targetDescriptors"))
    mistakes.push(`Cannot take --target-descriptors with a pid: ${name} has its limit already`);
  const limit = targetLimit(targetDescriptors, pid);
  if (limit === null)
    mistakes.push(`Cannot exhaust the descriptors of ${name}: expected to read /proc/${pid}/limits, may not`);
  else if (limit > most)
    mistakes.push(
      `Cannot exhaust the descriptors of ${name}: expected a limit of at most --most ${most}, got ${limit}`,
    );
  else if (limit + OWN_DESCRIPTORS > (descriptorLimit ?? Infinity))
    mistakes.push(
      `Cannot exhaust ${limit} descriptors of ${name}: expected at most ${(descriptorLimit ?? 0) - OWN_DESCRIPTORS}, as each connection takes one of this process's ${descriptorLimit} too`,
    );
  return mistakes;
}

/** Soft limit of open files of a process that runs, or the one that it will be started under; null where it may not be read. */
export function targetLimit(targetDescriptors: number, pid: number | null): number | null {
  return pid === null ? targetDescriptors : (readRlimit("Max open files", pid)?.soft ?? null);
}
