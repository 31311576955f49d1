/**
 * Compares what there was with what there is, and tells what was left: each thing once, by name and site. What stays by
 * design is no leak: each such case says why.
 */
import { type NamedDescriptor, nameLink } from "../target/inventory.ts";
import { readSocketNames, type SocketNames } from "../target/socket-names.ts";
import type { Birth } from "./births.ts";
import { KINDS, PART_OF_A_HANDLE } from "./kinds.ts";
import { type Fate, findFate, nameResource } from "./resource.ts";
import { findSite, isOfAgent, isOfWorker } from "./site.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Leak {
  /** "interval of 60 s", "socket 127.0.0.1:8080 LISTEN", "/tmp/x (fd 23)", "worker thread 1" */
  readonly name: string;
  /** "test/chat.test.ts:14:20 (openServer)"; null where it is not known. */
  readonly madeAt: string | null;
}

type Descriptors = Map<number, NamedDescriptor>;

/** Opened at first use and kept for good, by runtimes and their libraries. */
const OPENED_ONCE = /^\/dev\/(null|u?random|tty|ptmx)$|_cache_v\d+(-wal|-shm|-journal)?$/;
/** A test runner's own, such as the timer that watches over a hook. */
const RUNNERS = /(^|[\\/])node_modules[\\/](jest-[a-z0-9]+|@?vitest|mocha)[\\/]/;

export function findLeaks(before: Snapshot, after: Snapshot, births: readonly Birth[]): Leak[] {
  const fates = births.flatMap((birth) => findFate(birth) ?? []);
  const hasWorkers = fates.some(({ birth }) => birth.type === "WORKER");
  const opened = findOpened(before, after);
  const idle = findIdle(fates, opened);
  const handles = fates
    .filter((fate) => !idle.has(fate.fd))
    .flatMap((fate) => tellHandle(fate, before, opened));
  for (const { fd } of fates) if (fd !== null) opened.delete(fd);
  return [
    ...handles,
    // a new worker may have opened them, for its loop, its loader or its work: then it is the one to tell
    ...(hasWorkers ? [] : [...tellDescriptors(opened), ...tellThreads(before, after)]),
    ...tellUnseen(before, after, fates),
  ];
}

/** Descriptors that are more than before: a file that was closed and opened again elsewhere is not. */
function findOpened(before: Snapshot, after: Snapshot): Descriptors {
  const known = new Map<string, number>();
  for (const link of before.descriptors?.values() ?? []) known.set(link, (known.get(link) ?? 0) + 1);
  const opened: Descriptors = new Map();
  let names: SocketNames | null = null;
  const nameSocket = (inode: string) => {
    names ??= readSocketNames(process.pid);
    return names(inode);
  };
  for (const [fd, link] of after.descriptors ?? []) {
    const count = known.get(link) ?? 0;
    if (count > 0) known.set(link, count - 1);
    else opened.set(fd, nameLink(link, nameSocket));
  }
  return opened;
}

function tellHandle(fate: Fate, before: Snapshot, opened: Descriptors): Leak[] {
  const { birth, state, fd } = fate;
  const descriptor = fd === null ? undefined : opened.get(fd);
  // stdout, which is made at its first use, of a descriptor that was there
  if (fd !== null && !descriptor && before.descriptors?.has(fd)) return [];
  // its thread is told
  if (birth.type === "MESSAGEPORT" && isOfWorker(birth)) return [];
  // an unref'd timer, signal handler or idle worker of a pool: it is meant to stay, and holds nothing up
  if (state === "resting" && !descriptor) return [];
  const madeAt = findSite(birth);
  return RUNNERS.test(madeAt ?? "") ? [] : [{ name: nameHandle(fate, descriptor), madeAt }];
}

/** Connections that an agent keeps for the next request, and lets go in time; and their other ends, where those are ours. */
function findIdle(fates: readonly Fate[], opened: Descriptors): ReadonlySet<number | null> {
  const idle = new Set<number | null>();
  const others = new Set<string>();
  for (const { birth, state, fd } of fates) {
    const name = fd === null ? undefined : opened.get(fd)?.name;
    if (name === undefined || state === "holding" || !isOfAgent(birth)) continue;
    idle.add(fd);
    others.add(name.replace(/^socket (\S+) → (\S+)/, "socket $2 ← $1"));
  }
  for (const [fd, { name }] of opened) if (others.has(name)) idle.add(fd);
  return idle;
}

function nameHandle(fate: Fate, descriptor: NamedDescriptor | undefined): string {
  const word = nameResource(fate);
  if (!descriptor) return word;
  // "unix socket or pipe" says less than the address, "terminal" more than a device
  return descriptor.kind === "socket" ? descriptor.name : `${word} ${descriptor.name}`;
}

/** Those that no handle owns. */
function tellDescriptors(opened: Descriptors): Leak[] {
  return [...opened].flatMap(([fd, { kind, name }]) => {
    // eventpoll, eventfd, inotify, io_uring: an event loop's, whose watchers are told
    if (kind === "anon" || OPENED_ONCE.test(name) || isOfDeno(name)) return [];
    return [{ name: `${name} (fd ${fd})`, madeAt: null }];
  });
}

/** In its first second Deno opens a pair of its own: Deno 2.9. */
function isOfDeno(name: string): boolean {
  return process.versions.deno !== undefined && name === "unix socket (unnamed)";
}

/** Of a native library; libuv's own pool is started before the baseline. */
function tellThreads(before: Snapshot, after: Snapshot): Leak[] {
  return [...(after.threads ?? [])].flatMap(([id, name]) =>
    before.threads?.has(id) || name === "libuv-worker"
      ? []
      : [{ name: `thread ${name} (${id})`, madeAt: null }],
  );
}

/** What keeps the process alive and was not seen being made: file operations, lookups, what was ref'd again. */
function tellUnseen(before: Snapshot, after: Snapshot, fates: readonly Fate[]): Leak[] {
  const expected = new Map<string, number>();
  const add = (kind: string) => expected.set(kind, (expected.get(kind) ?? 0) + 1);
  for (const kind of before.active ?? []) add(kind);
  for (const { birth, state } of fates) if (state === "holding") add(KINDS.get(birth.type)?.listed ?? "");
  return (after.active ?? []).flatMap((kind) => {
    const count = expected.get(kind) ?? 0;
    expected.set(kind, count - 1);
    return count > 0 || PART_OF_A_HANDLE.test(kind) ? [] : [{ name: `pending ${kind}`, madeAt: null }];
  });
}
