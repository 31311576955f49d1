/** The containers of the demo that are restarted: a server, who depends on it, a worker, and one that nobody may touch. */
import type { DemoContainer } from "../../lib/engine/demo.ts";
import { asks, diesWith, serve, WAITS } from "./commands.ts";
import type { FaultOf } from "./faults.ts";

/** What is there after the first start only. */
const AGAIN = "/tmp/again";
const SLOW_S = 60;

/** `ports` are two free ones of this machine. */
export function restartedContainers(
  fault: FaultOf<"container-restart"> | null,
  [port, other]: readonly [number, number],
): DemoContainer[] {
  const well = { command: serve(port), check: asks(port) };
  const servers: Record<FaultOf<"container-restart">, Pick<DemoContainer, "command" | "check">> = {
    "restarts-too-slowly": {
      ...well,
      command: `trap 'exit 0' TERM; if test -e ${AGAIN}; then sleep ${SLOW_S} & wait; fi; touch ${AGAIN}; ${serve(port)}`,
    },
    "unwell-after-restart": {
      command: `if test -e ${AGAIN}; then rm -f /tmp/well; else touch ${AGAIN} /tmp/well; fi; ${serve(port)}`,
      check: "test -e /tmp/well",
    },
    "other-port": {
      command: `if test -e ${AGAIN}; then ${serve(other)}; else touch ${AGAIN}; ${serve(port)}; fi`,
      check: `${asks(port)} || ${asks(other)}`,
    },
    "dependant-dies": well,
  };
  const server = fault === null ? well : servers[fault];
  const of = (service: string, dependsOn = "") => ({
    "com.docker.compose.project": "demo",
    "com.docker.compose.service": service,
    ...(dependsOn && { "com.docker.compose.depends_on": `${dependsOn}:service_healthy:false` }),
  });
  const limits = { memoryBytes: 32 * 1024 * 1024, restart: "always" } as const;
  return [
    { name: "server", ...server, ...limits, network: "host", labels: of("server") },
    {
      ...{ name: "application", ...limits, network: "host", labels: of("application", "server") },
      ...(fault === "dependant-dies"
        ? { command: diesWith(port), restart: "no" }
        : { command: WAITS, check: fault === "other-port" ? `${asks(port)} || ${asks(other)}` : asks(port) }),
    },
    { name: "worker", command: WAITS, ...limits },
    { name: "vault", command: WAITS, ...limits, labels: { "proofload.critical": "true" } },
  ];
}
