/** The options of scenarios that load the reference hub where no target is given: what to plant in it. */
import { readWords, refuseCommand } from "../target/command-words.ts";
import type { TargetSpec } from "../target/spec.ts";
import { optional } from "./option.ts";
import { namesFor, type Planted, plant } from "./planting.ts";
import { text } from "./text-options.ts";

export function hubOptions(
  scenario: string,
  planted: { readonly faults: Planted; readonly behaviours: Planted },
) {
  return {
    fault: plant(
      namesFor(scenario, planted.faults),
      "break a promise of the hub on purpose: this scenario catches it",
    ),
    behave: plant(
      Object.keys(planted.behaviours),
      "let the hub do what is healthy and looks like a leak: this scenario does not fall for it",
    ),
    hub: optional(
      text({
        default: "",
        placeholder: "OPTIONS",
        help: "other options of the hub: targets/hub.ts --help",
        accepts: refuseCommand,
      }),
      "its own defaults",
    ),
  };
}

interface HubValues {
  readonly fault: readonly string[] | null;
  readonly behave: readonly string[] | null;
  readonly hub: string | null;
}

/** What the hub is told. */
export function hubWords({ fault, behave, hub }: HubValues): string[] {
  return [
    ...(fault ? ["--fault", fault.join(",")] : []),
    ...(behave ? ["--behave", behave.join(",")] : []),
    ...readWords(hub ?? ""),
  ];
}

/** Nothing can be planted in a server that is not ours. */
export function refusePlanting(values: HubValues, target: TargetSpec | null): string[] {
  if (target === null) return [];
  return (["fault", "behave", "hub"] as const)
    .filter((key) => values[key] !== null)
    .map((key) => `Cannot take --${key} with a target of yours: expected it for the reference hub alone`);
}

/** What speaks no HTTP cannot be upgraded to WebSocket. */
export function refuseOtherProtocols(target: TargetSpec | null): string[] {
  if (target === null || /^(wss?|https?|unix):/.test(target.url ?? "")) return [];
  return [`Cannot open WebSockets: expected --target-url ws://…, got ${target.url ?? "none"}`];
}
