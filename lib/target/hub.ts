/** The reference hub as a target: how it is started with the runtime that runs us, and which gauges it has. */
import { runtimeCommand } from "../host/runtime-command.ts";
import { ownFile } from "../own-file.ts";
import { completeSpec, type TargetSpec } from "./spec.ts";

const PROGRAM = ownFile("targets/hub");
/** Where a Deno tells its live bytes. */
const INSPECTOR = "127.0.0.1:{port2}";
const ORIGIN = "http://127.0.0.1:{port}";

/** `words` is what it is told beside port and folder, a fault for one; `environment` what no list of processes may show. */
export function hubSpec(words: readonly string[], environment: TargetSpec["environment"] = {}): TargetSpec {
  const { command, args } = runtimeCommand(PROGRAM);
  const stats = (pointer: string) => `json:${ORIGIN}/stats#${pointer}`;
  // a Node is asked by the probe that is preloaded
  const isDeno = "deno" in process.versions;
  const inspected = isDeno ? [...args.slice(0, 1), `--inspect=${INSPECTOR}`, ...args.slice(1)] : args;
  return completeSpec({
    name: "hub",
    command: [command, ...inspected, "--port", "{port}", "--dir", "{dir}", ...words],
    environment,
    inspector: isDeno ? INSPECTOR : null,
    url: "ws://127.0.0.1:{port}/",
    // of two that start at once, each has to say so itself
    ready: "output:hub listening on",
    health: `${ORIGIN}/health`,
    gauges: {
      subscribers: stats("/subscribers"),
      ringEvents: stats("/events/ring"),
      oldestEventAgeMs: stats("/events/oldestAgeMs"),
      timers: stats("/timers"),
      managers: stats("/managers"),
      managersPerUser: stats("/managersPerUser"),
      offline: stats("/offline"),
    },
  });
}
