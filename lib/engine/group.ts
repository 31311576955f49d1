/** The control groups of a container, found by its first process. */
import { type Cgroup, type Controller, findCgroup } from "../host/cgroup.ts";

/** Null where that process is not in a group of this container here: of an engine elsewhere, or gone. */
export function findContainerGroup(
  controller: Controller | "cpuacct",
  pid: number,
  id: string,
): Cgroup | null {
  const group = pid > 0 ? findCgroup(controller, pid) : null;
  return group?.path.includes(id) ? group : null;
}
