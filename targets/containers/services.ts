/** The services of the demo: a database, a cache, an application that needs both, and a worker without a network. */
import type { DemoContainer } from "../../lib/engine/demo.ts";
import { asks, diesWith, serve, WAITS } from "./commands.ts";
import type { FaultOf } from "./faults.ts";

type FaultName = FaultOf<"service-dependencies">;

/** There for one second of four. */
const comesAndGoes = (port: number) =>
  `trap 'exit 0' TERM; while :; do httpd -f -p 127.0.0.1:${port} -h /www & sleep 1; kill $!; sleep 3; done`;

/** Three free ports of this machine: the database's, the cache's and the application's. */
export function serviceContainers(
  fault: FaultName | null,
  [database, cache, application]: readonly [number, number, number],
): DemoContainer[] {
  const limits = { memoryBytes: 32 * 1024 * 1024, restart: "always", network: "host" } as const;
  const labels = (service: string, category: string, port: number, needs = "") => ({
    "proofload.address": `127.0.0.1:${port}`,
    "com.docker.compose.project": "demo",
    "com.docker.compose.service": service,
    "proofload.category": category,
    ...(needs && { "com.docker.compose.depends_on": needs }),
  });
  const own = asks(application);
  const healthy: Pick<DemoContainer, "command" | "check" | "restart"> = {
    command: serve(application),
    check: `${asks(database)} && ${own}`,
  };
  const applications: Partial<Record<FaultName, typeof healthy>> = {
    "dies-with-database": {
      command: `httpd -f -p 127.0.0.1:${application} -h /www & ${diesWith(database)}`,
      restart: "no",
    },
    "unwell-without-reason": {
      command: serve(application),
      // it is well for some seconds, and then no more
      check: `n=$(cat /tmp/n || echo 0); echo $((n + 1)) > /tmp/n; test $n -lt 12`,
    },
    "blind-to-database": { command: serve(application), check: own },
  };
  return [
    {
      name: "database",
      ...limits,
      ...{ command: serve(database), check: asks(database) },
      labels: labels("database", "databases", database),
    },
    {
      ...{ name: "cache", ...limits, labels: labels("cache", "caches", cache) },
      command: fault === "comes-and-goes" ? comesAndGoes(cache) : serve(cache),
      ...(fault === "flaps-unwell"
        ? { check: `${asks(cache)} && test $(($(date +%s) / 3 % 2)) = 0` }
        : fault === "comes-and-goes"
          ? {}
          : { check: asks(cache) }),
    },
    {
      ...{ name: "application", ...limits },
      ...((fault && applications[fault]) ?? healthy),
      labels: labels(
        "application",
        "applications",
        application,
        "database:service_healthy:false,cache:service_healthy:false",
      ),
    },
    {
      ...{ name: "worker", command: WAITS, ...limits },
      network: fault === "not-isolated" ? "host" : "none",
      labels: { "proofload.network": "none" },
    },
  ];
}
