/** The reference hub as a target: how it is started with the runtime that runs us, and which gauges it has. */
import { runtimeCommand } from "../host/runtime-command.ts";
import { completeSpec, type TargetSpec } from "./spec.ts";

const PROGRAM = new URL("../../targets/hub.ts", import.meta.url);
const ORIGIN = "http://127.0.0.1:{port}";

/** `words` is what it is told beside port and folder, a fault for one. */
export function hubSpec(words: readonly string[]): TargetSpec {
  const { command, args } = runtimeCommand(PROGRAM);
  const stats = (pointer: string) => `json:${ORIGIN}/stats#${pointer}`;
  return completeSpec({
    name: "hub",
    command: [command, ...args, "--port", "{port}", "--dir", "{dir}", ...words],
    url: "ws://127.0.0.1:{port}/",
    // of two that start at once, each has to say so itself
    ready: "output:hub listening on",
    health: `${ORIGIN}/health`,
    gauges: {
      subscribers: stats("/subscribers"),
      ringEvents: stats("/events/ring"),
      oldestEventAgeMs: stats("/events/oldestAgeMs"),
      timers: stats("/timers"),
    },
  });
}
