/** What others rely on of a container, and what a restart must leave as it was: ports, mounts, networks. */
import { join } from "node:path";
import { findContainerGroup } from "../engine/group.ts";
import type { Inspected } from "../engine/schemas.ts";
import { readText } from "../host/read-text.ts";
import { listDescriptors, socketInode } from "../target/descriptor-list.ts";
import { readProcessFile } from "../target/process-files.ts";
import { parseInternetSockets } from "../target/tcp-sockets.ts";

/** A line for each thing. */
export type Face = readonly string[];

const MOST_DESCRIPTORS = 20_000;

export function readFace({ Id, State, Mounts, NetworkSettings, HostConfig }: Inspected): Face {
  const published = Object.entries(NetworkSettings.Ports ?? {});
  return [
    ...published.map(([port, bound]) => `port ${port} at ${tellBindings(bound)}`),
    ...(listAddresses(State.Pid, Id) ?? []).map((address) => `listens on ${address}`),
    ...Mounts.map(({ Destination, Source }) => `mount ${Source} at ${Destination}`),
    ...Object.keys(NetworkSettings.Networks ?? {}).map((name) => `network ${name}`),
    `network mode ${HostConfig.NetworkMode}`,
  ];
}

function tellBindings(bound: NonNullable<Inspected["NetworkSettings"]["Ports"]>[string]): string {
  return bound?.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`).join(", ") || "none";
}

/** Where its processes listen, as the kernel has it; null where that cannot be read from here. */
export function listAddresses(pid: number, id: string): string[] | null {
  const group = findContainerGroup("memory", pid, id);
  if (group === null) return null;
  const members = readText(join(group.path, "cgroup.procs"))?.trim().split("\n").map(Number) ?? [];
  const held = new Set(
    members.flatMap((member) =>
      (listDescriptors(member, MOST_DESCRIPTORS) ?? []).map(({ link }) => socketInode(link)),
    ),
  );
  const tables = ["tcp", "tcp6"].map((table) => readProcessFile(pid, `net/${table}`) ?? "");
  const listening = tables.flatMap(parseInternetSockets).filter(({ state }) => state === "LISTEN");
  return listening
    .filter(({ inode }) => held.has(inode))
    .map(({ local }) => local)
    .sort();
}
