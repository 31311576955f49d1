/** How many descriptors a scenario may take of this process's limit, and why an option for it is refused. */
import type { HostFacts } from "../host/facts.ts";

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
