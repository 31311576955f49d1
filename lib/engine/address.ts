/** Where a container engine listens: as DOCKER_HOST says, or where Docker and Podman usually do. */
import { statSync } from "node:fs";
import { join } from "node:path";

export interface EngineAddress {
  /** Of every request; what it says of the host is for the engine's eyes alone where there is a socket. */
  readonly origin: string;
  readonly socketPath: string | null;
  /** As a person would write it. */
  readonly shown: string;
}

/** By convention (docker(1), podman-system-service(1)). */
const USUAL = ["/var/run/docker.sock", "/run/podman/podman.sock"];

/** Answers a sentence's end where nothing could be there: what DOCKER_HOST may be, or which sockets there are not. */
export function findEngine(environment: NodeJS.ProcessEnv): EngineAddress | { readonly missing: string } {
  const { DOCKER_HOST: named, XDG_RUNTIME_DIR: own } = environment;
  if (named) return readHost(named, environment.DOCKER_TLS_VERIFY);
  const places = [...USUAL, ...(own ? [join(own, "podman/podman.sock")] : [])];
  const path = places.find((place) => statSync(place, { throwIfNoEntry: false })?.isSocket());
  if (path !== undefined) return atSocket(path);
  return { missing: `no engine's socket: neither DOCKER_HOST nor ${places.join(", ")}` };
}

function readHost(host: string, verify: string | undefined): EngineAddress | { readonly missing: string } {
  const { groups } = /^unix:\/\/(?<path>\/.+)$/.exec(host) ?? {};
  if (groups?.path) return atSocket(groups.path);
  const expected = "expected unix:///path or tcp://host:port";
  const url = URL.canParse(host) ? new URL(host) : null;
  if (url === null || !/^(tcp|http):$/.test(url.protocol))
    return { missing: `DOCKER_HOST is ${host}, ${expected}` };
  if (verify) return { missing: `DOCKER_TLS_VERIFY is set, ${expected} without TLS` };
  return { origin: `http://${url.hostname}:${url.port || 2375}`, socketPath: null, shown: host };
}

function atSocket(path: string): EngineAddress {
  return { origin: "http://localhost", socketPath: path, shown: `unix://${path}` };
}
