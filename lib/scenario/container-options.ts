/** Which containers a scenario is about: only those that the user names, or a demo's. */
import { findEngine } from "../engine/address.ts";
import { PROJECT_LABEL } from "../engine/compose.ts";
import { type Option, repeatable } from "./option.ts";
import { flag, text } from "./text-options.ts";

export function containerOptions() {
  return {
    container: repeatable(
      text({ default: "", placeholder: "NAME", help: "a container, by name or id" }),
      "none",
    ),
    label: repeatable(
      text({ default: "", placeholder: "KEY[=VALUE]", help: "all containers with this label" }),
      "none",
    ),
    composeProject: repeatable(
      text({ default: "", placeholder: "NAME", help: "all containers of this compose project" }),
      "none",
    ),
    demo: flag({ smoke: true, help: "bring containers of our own up, and take them away again" }),
  };
}

/** Of a scenario that changes them. */
export function changingOptions() {
  return {
    ...containerOptions(),
    allowRestart: flag({ help: "containers of yours may be restarted, killed or put under pressure" }),
  };
}

type Chosen = { readonly [K in keyof ReturnType<typeof containerOptions>]: ValueOf<K> };
type ValueOf<K extends keyof ReturnType<typeof containerOptions>> =
  ReturnType<typeof containerOptions>[K] extends Option<infer T> ? T : never;

export function selectionOf({ container, label, composeProject }: Chosen) {
  return {
    names: container,
    labels: [...label, ...composeProject.map((name) => `${PROJECT_LABEL}=${name}`)],
  };
}

const isNamed = (chosen: Chosen) =>
  [chosen.container, chosen.label, chosen.composeProject].some(({ length }) => length > 0);

/** Why it cannot run here, or null: no container is named, or no engine answers. */
export async function containersMissing(chosen: Chosen): Promise<string | null> {
  if (!chosen.demo && !isNamed(chosen))
    return "needs containers: --container, --label or --compose-project name yours, --demo brings some up";
  const address = findEngine(process.env);
  if ("missing" in address) return `needs a container engine: ${address.missing}`;
  const { openEngine } = await import("../engine/engine.ts");
  const engine = await openEngine(address);
  if ("missing" in engine) return `needs a container engine: ${engine.missing}`;
  await engine.close();
  if (!chosen.demo) return null;
  const { findBusybox } = await import("../engine/demo-image.ts");
  return findBusybox() === null
    ? "needs a static busybox for its demo: Debian's busybox-static has one"
    : null;
}

export function refuseBothKinds(chosen: Chosen): string[] {
  return chosen.demo && isNamed(chosen)
    ? ["Cannot watch the demo and yours at once: expected --demo, or containers by name or label"]
    : [];
}

/** Nothing of the user's is changed that he did not say may be. */
export function refuseChanging(chosen: Chosen & { readonly allowRestart: boolean }): string[] {
  const refused = refuseBothKinds(chosen);
  if (refused.length > 0 || !isNamed(chosen) || chosen.allowRestart) return refused;
  return [
    "Cannot touch containers of yours unasked: expected --allow-restart with --container, --label or --compose-project",
  ];
}
