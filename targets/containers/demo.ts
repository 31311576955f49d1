/** The containers of the demo: a server, a worker and a store, and one in which something can be planted. */
import type { DemoContainer } from "../../lib/engine/demo.ts";
import type { FaultOf } from "./faults.ts";

const MEBI = 1024 * 1024;
const LIMIT_BYTES = 32 * MEBI;
const FULL = 0.975;
/** What awk takes itself. */
const OWN_BYTES = 1_200_000;
const PIECE_BYTES = 100_000;

/** Ends when it is told to, and on SIGUSR1 does as it is told here. */
const waits = (then = ":") => `trap 'exit 0' TERM; trap '${then}' USR1; while :; do sleep 0.2; done`;
/** Memory is only taken once it is written: a string of spaces is. */
const grows = (bytes: number, then: string) =>
  `exec awk "BEGIN { for (i = 0; i < ${Math.floor(bytes / PIECE_BYTES)}; i++) a[i] = sprintf(\\"%${PIECE_BYTES}s\\", \\"x\\"); ${then} }"`;

const PLANTED: Record<FaultOf<"container-health">, Pick<DemoContainer, "command" | "check">> = {
  "oom-under-load": { command: waits(grows(4 * LIMIT_BYTES, "")) },
  flaps: { command: `if test -e /tmp/flaps; then sleep 1; exit 1; fi; ${waits("touch /tmp/flaps; exit 1")}` },
  "unhealthy-but-running": {
    command: `touch /tmp/well; ${waits("rm /tmp/well")}`,
    check: "test -e /tmp/well",
  },
  "leaks-to-limit": {
    command: waits(grows(FULL * LIMIT_BYTES - OWN_BYTES, 'while (1) system(\\"sleep 1\\")')),
  },
};

export function demoContainers(fault: FaultOf<"container-health"> | null): DemoContainer[] {
  const limits = { memoryBytes: LIMIT_BYTES, cores: 0.5, processes: 64, restart: "always" } as const;
  return [
    {
      ...{ name: "server", command: "exec httpd -f -p 127.0.0.1:8080 -h /www", ...limits },
      check: "wget -q -O /dev/null http://127.0.0.1:8080/",
    },
    { name: "worker", command: waits(), ...limits },
    { name: "store", command: `touch /tmp/store; ${waits()}`, check: "test -e /tmp/store", ...limits },
    ...(fault === null ? [] : [{ name: "planted", ...limits, ...PLANTED[fault] }]),
  ];
}
