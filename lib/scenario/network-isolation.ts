/** Whether containers' networks are what they are declared to be, as the kernel has them (network_namespaces(7)). */
import { findContainerGroup } from "../engine/group.ts";
import { nameOf } from "../engine/inspected.ts";
import type { Inspected } from "../engine/schemas.ts";
import { readProcessFile, readProcessLink } from "../target/process-files.ts";

export interface Isolation {
  /** So many could be looked at. */
  readonly seen: number;
  readonly wrong: readonly string[];
}

/** What its owner says that its network has to be: "none", "host", or a network's name. */
const NETWORK_LABEL = "proofload.network";

export function readIsolation(all: readonly Inspected[]): Isolation {
  const seen = all.filter(({ State, Id }) => findContainerGroup("memory", State.Pid, Id) !== null);
  const own = namespaceOf("self");
  const wrong = seen.flatMap((one) => {
    const amiss = [tellDeclared(one), tellKernel(one, own), tellShared(one, seen)];
    return amiss.flatMap((line) => (line === null ? [] : [`${nameOf(one)}: ${line}`]));
  });
  return { seen: seen.length, wrong };
}

function tellDeclared({ Config, HostConfig, NetworkSettings }: Inspected): string | null {
  const declared = Config.Labels[NETWORK_LABEL];
  const has = [HostConfig.NetworkMode, ...Object.keys(NetworkSettings.Networks ?? {})];
  return declared === undefined || has.includes(declared)
    ? null
    : `is declared to have the network ${declared}, and has ${[...new Set(has)].join(", ")}`;
}

function tellKernel({ State, HostConfig }: Inspected, own: string | null): string | null {
  const mode = HostConfig.NetworkMode;
  const shared = namespaceOf(State.Pid) === own;
  if (mode === "host") return shared ? null : "has the box's network, and a namespace of its own";
  if (shared) return `has the network ${mode}, and the box's namespace`;
  const links = interfacesOf(State.Pid);
  return mode === "none" && links.length > 0 ? `has no network, and ${links.join(", ")}` : null;
}

/** Those that share no network share no namespace. */
function tellShared(one: Inspected, all: readonly Inspected[]): string | null {
  if (/^(host|container:)/.test(one.HostConfig.NetworkMode)) return null;
  const space = namespaceOf(one.State.Pid);
  const other = all.find(
    ({ Id, State, HostConfig }) =>
      Id !== one.Id && namespaceOf(State.Pid) === space && !HostConfig.NetworkMode.startsWith("container:"),
  );
  return other ? `has the namespace of ${nameOf(other)}` : null;
}

function namespaceOf(pid: number | "self"): string | null {
  return readProcessLink(pid === "self" ? process.pid : pid, "ns/net");
}

/** All but loopback, and the kernel's own ends of tunnels that lead nowhere. */
function interfacesOf(pid: number): string[] {
  const lines = readProcessFile(pid, "net/dev")?.split("\n").slice(2) ?? [];
  const names = lines.map((line) => line.split(":")[0]?.trim() ?? "");
  return names.filter(
    (name) => name && !/^(lo|tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|sit0|ip6tnl0|ip6gre0)$/.test(name),
  );
}
