/** What can be planted in a container of the demo: a scenario has to find it. */
import type { Fault } from "../hub/faults.ts";

const health = (breaks: string, caughtBy: string) => ({
  ...{ scenario: "container-health" as const, breaks, caughtBy },
});
const limits = (breaks: string, caughtBy: string) => ({
  ...{ scenario: "container-limits" as const, breaks, caughtBy },
});
const restart = (breaks: string, caughtBy: string) => ({
  ...{ scenario: "container-restart" as const, breaks, caughtBy },
});
const pressure = (breaks: string, caughtBy: string) => ({
  ...{ scenario: "container-pressure" as const, breaks, caughtBy },
});
const services = (breaks: string, caughtBy: string) => ({
  ...{ scenario: "service-dependencies" as const, breaks, caughtBy },
});

export const CONTAINER_FAULTS = {
  "oom-under-load": health(
    "a container outgrows its limit as soon as the load is there",
    "killed for lack of memory",
  ),
  flaps: health("a container ends and is started again, over and over", "restarted"),
  "unhealthy-but-running": health("a container runs, and its check fails", "health never fails"),
  "leaks-to-limit": health("a container grows to 97 % of its limit, and stays there", "memory stays below"),
  unlimited: limits("a container has no limits at all", "each has limits of its"),
  "too-little-memory": limits("a container's limit of memory is too small to work with", "memory limit lies"),
  "memory-not-enforced": limits(
    "a container gets more memory than its limit",
    "killed when it wants more memory",
  ),
  "quota-not-enforced": limits("a container gets more processor time than its quota", "kept to its quota"),
  "processes-not-enforced": limits("a container gets more processes than its limit", "refused one more"),
  "restarts-too-slowly": restart("a container takes a minute to come back", "running and healthy again"),
  "unwell-after-restart": restart(
    "a restarted container runs, and its check fails",
    "running and healthy again",
  ),
  "other-port": restart("a restarted container listens on another port", "the same ports"),
  "dependant-dies": restart("who depends on a container ends with it, for good", "depend on it are well"),
  "not-started-again": pressure(
    "a container that is killed for memory stays down",
    "survives, or is started",
  ),
  "unwell-after-pressure": pressure("a container comes back, and its check fails", "all are well again"),
  "ends-over-and-over": pressure(
    "a container that was killed once ends after each start",
    "all are well again",
  ),
  "dies-with-database": services(
    "an application ends with its database, for good",
    "while its databases are well",
  ),
  "unwell-without-reason": services(
    "an application becomes unwell while its database is well",
    "while its databases are well",
  ),
  "blind-to-database": services("an application stays well whatever its database does", "health follows"),
  "comes-and-goes": services("a cache listens one second of four", "reachable on its ports"),
  "flaps-unwell": services("a cache's check fails half of the time", "each category is well"),
  "not-isolated": services("a container without a network has the box's", "isolated as declared"),
} as const satisfies Record<string, Fault>;

/** The names of those of one scenario. */
export type FaultOf<S extends Fault["scenario"]> = {
  [N in keyof typeof CONTAINER_FAULTS]: (typeof CONTAINER_FAULTS)[N] extends { readonly scenario: S }
    ? N
    : never;
}[keyof typeof CONTAINER_FAULTS];
