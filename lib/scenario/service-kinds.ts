/** What a container is for, where it can be reached, and on whom it depends. */
import { dependsOn } from "../engine/compose.ts";
import { nameOf } from "../engine/inspected.ts";
import type { Inspected } from "../engine/schemas.ts";
import { listAddresses } from "./container-face.ts";

export const CATEGORIES = ["databases", "caches", "applications"] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly category: Category;
  /** Where it can be reached now: "127.0.0.1:5432"; none: nobody can connect to it from here, or it does not listen. */
  readonly findAddresses: () => readonly string[];
  /** Names of others. */
  readonly needs: readonly string[];
}

export const CATEGORY_LABEL = "proofload.category";
/** Where it has to be reachable, as its owner declares it: "127.0.0.1:8080,127.0.0.1:8081". */
const ADDRESS_LABEL = "proofload.address";

/** By the names of their usual images. */
const KNOWN: Partial<Record<Category, RegExp>> = {
  databases:
    /postgres|postgis|timescale|mysql|mariadb|percona|mongo|cassandra|scylla|clickhouse|cockroach|couchdb|influxdb|elasticsearch|opensearch|neo4j|mssql|oracle|etcd/,
  caches: /redis|valkey|keydb|dragonfly|memcached|varnish/,
};

/** `given` says what a container of that name is; else its label, else its image. */
export function findServices(
  all: readonly Inspected[],
  given: Readonly<Record<string, Category>>,
): Service[] {
  return all.map((one) => ({
    id: one.Id,
    name: nameOf(one),
    category: given[nameOf(one)] ?? readCategory(one),
    findAddresses: () => findAddresses(one),
    needs: all.filter((other) => dependsOn(one, other)).map(nameOf),
  }));
}

function readCategory({ Config }: Inspected): Category {
  const labelled = CATEGORIES.find((name) => name === Config.Labels[CATEGORY_LABEL]);
  const known = CATEGORIES.find((name) => KNOWN[name]?.test(Config.Image));
  return labelled ?? known ?? "applications";
}

/** What is declared or published comes first: that is what others use. In a network of its own a container has an address there. */
function findAddresses({ Id, State, Config, NetworkSettings, HostConfig }: Inspected): string[] {
  const declared = Config.Labels[ADDRESS_LABEL];
  if (declared) return declared.split(",").map((address) => address.trim());
  const published = Object.values(NetworkSettings.Ports ?? {}).flatMap((bound) =>
    (bound ?? []).map(({ HostIp, HostPort }) => `${toConnect(HostIp)}:${HostPort}`),
  );
  if (published.length > 0) return [...new Set(published)];
  const listening = listAddresses(State.Pid, Id) ?? [];
  if (HostConfig.NetworkMode === "host") return listening.map(connectable);
  const ports = listening.map((address) => address.slice(address.lastIndexOf(":") + 1));
  const own = Object.values(NetworkSettings.Networks ?? {}).flatMap(({ IPAddress }) => IPAddress || []);
  return own.flatMap((address) => ports.map((port) => `${address}:${port}`));
}

/** Who listens everywhere is asked on loopback. */
function toConnect(address: string): string {
  if (address === "" || address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "[::1]" : address;
}

function connectable(address: string): string {
  const end = address.lastIndexOf(":");
  return `${toConnect(address.slice(0, end).replace(/^\[::\]$/, "::"))}${address.slice(end)}`;
}
