/** The containers of the demo that are put under pressure: a server that lives through it, and a worker that is killed and comes back. */
import type { DemoContainer } from "../../lib/engine/demo.ts";
import type { FaultOf } from "./faults.ts";

const MEBI = 1024 * 1024;
const AGAIN = "/tmp/again";
/**
 * The first that the kernel kills when memory is gone (proc_pid_oom_score_adj(5)): in a group that counts up to its limit, as
 * much as whoever has all of it; and this has a little itself.
 */
const DIES_FIRST = `echo 1000 > /proc/self/oom_score_adj; exec awk 'BEGIN { a = sprintf("%${16 * MEBI}s", "x"); while (1) system("sleep 1") }'`;

const PLANTED: Record<FaultOf<"container-pressure">, Pick<DemoContainer, "command" | "check" | "restart">> = {
  "not-started-again": { command: DIES_FIRST, restart: "no" },
  "unwell-after-pressure": {
    command: `if test -e ${AGAIN}; then rm -f /tmp/well; else touch ${AGAIN} /tmp/well; fi; ${DIES_FIRST}`,
    check: "test -e /tmp/well",
  },
  "ends-over-and-over": {
    command: `if test -e ${AGAIN}; then sleep 1; exit 1; fi; touch ${AGAIN}; ${DIES_FIRST}`,
  },
};

export function pressedContainers(fault: FaultOf<"container-pressure"> | null): DemoContainer[] {
  const limits = { memoryBytes: 64 * MEBI, cores: 0.5, processes: 64, restart: "always" } as const;
  return [
    {
      ...{ name: "server", command: "exec httpd -f -p 127.0.0.1:8080 -h /www", ...limits },
      check: "wget -q -O /dev/null http://127.0.0.1:8080/",
    },
    { name: "worker", command: DIES_FIRST, ...limits },
    ...(fault === null ? [] : [{ name: "planted", ...limits, ...PLANTED[fault] }]),
  ];
}
