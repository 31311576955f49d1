/** What this process has at a moment: descriptors, threads, and what keeps it alive. */
import { listDescriptors } from "../target/descriptor-list.ts";
import { listProcessFolder, readProcessFile } from "../target/process-files.ts";

export interface Snapshot {
  /** What each descriptor points to, "socket:[4026]"; null where the system does not tell. */
  readonly descriptors: ReadonlyMap<number, string> | null;
  /** Names by thread id. */
  readonly threads: ReadonlyMap<string, string> | null;
  /** "TCPSocketWrap", "Timeout", once for each that keeps the process alive; null on Deno, where sockets stay in the list. */
  readonly active: readonly string[] | null;
}

/** More than any test opens; each costs 3 µs. */
const MOST_DESCRIPTORS = 65_536;

export function takeSnapshot(): Snapshot {
  const listed = listDescriptors(process.pid, MOST_DESCRIPTORS);
  return {
    descriptors: listed && new Map(listed.map(({ fd, link }) => [fd, link])),
    threads: readThreads(),
    active: process.versions.deno ? null : process.getActiveResourcesInfo(),
  };
}

/** What cannot be known here, a line each. */
export function tellUnknown({ descriptors, threads, active }: Snapshot): string[] {
  return [
    active
      ? ""
      : "handles other than timers: Deno does not tell when they are gone; sockets are told by their descriptors",
    descriptors ? "" : "descriptors: only Linux tells",
    process.versions.deno ? "unix sockets without a name: Deno opens some of its own at any time" : "",
    threads ? "" : `threads: ${process.versions.deno ? "Deno's own come and go" : "only Linux tells"}`,
  ].filter(Boolean);
}

function readThreads(): ReadonlyMap<string, string> | null {
  if (process.versions.deno) return null;
  const ids = listProcessFolder(process.pid, "task");
  return (
    ids && new Map(ids.map((id) => [id, readProcessFile(process.pid, `task/${id}/comm`)?.trim() ?? "?"]))
  );
}
