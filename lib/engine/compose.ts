/** What compose tells of its services, by the labels of their containers. */
import type { Inspected } from "./schemas.ts";

export const PROJECT_LABEL = "com.docker.compose.project";

/** "db:service_healthy:true,cache:service_started:false". */
export function dependsOn(one: Inspected, other: Inspected): boolean {
  const [labels, others] = [one.Config.Labels, other.Config.Labels];
  const names = (labels["com.docker.compose.depends_on"] ?? "").split(",").map((part) => part.split(":")[0]);
  return (
    labels[PROJECT_LABEL] === others[PROJECT_LABEL] &&
    names.includes(others["com.docker.compose.service"] ?? "-")
  );
}
