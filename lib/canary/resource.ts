/** What has become of something that was made: gone, still there, or there and keeping the process alive. */
import { formatDuration } from "../units.ts";
import type { Birth } from "./births.ts";
import { KINDS } from "./kinds.ts";

export interface Fate {
  readonly birth: Birth;
  /** Resting: there, but unref'd, so that the process may end. */
  readonly state: "resting" | "holding";
  readonly resource: object;
  /** Null where it has none, or the runtime does not tell. */
  readonly fd: number | null;
}

/** Null of what is gone: closed, fired, cleared, or collected. */
export function findFate(birth: Birth): Fate | null {
  const resource = birth.resource();
  if (resource === undefined || Reflect.get(resource, "_destroyed") === true) return null;
  const told: unknown = Reflect.get(resource, "fd");
  const fd = typeof told === "number" && told >= 0 ? told : null;
  // it keeps nothing alive, and is closed by the collector at last, with a warning
  if (birth.type === "FILEHANDLE") return fd === null ? null : { birth, state: "holding", resource, fd };
  // undefined of what is closed
  const refed: unknown = call(resource, "hasRef");
  return typeof refed === "boolean" ? { birth, state: refed ? "holding" : "resting", resource, fd } : null;
}

/** In words, where no descriptor names it better. */
export function nameResource({ birth, resource }: Fate): string {
  const { word = birth.type } = KINDS.get(birth.type) ?? {};
  const number = (name: string) => {
    const value: unknown = Reflect.get(resource, name);
    return typeof value === "number" ? value : null;
  };
  if (birth.type === "Timeout") {
    const [repeat, delay] = [number("_repeat"), number("_idleTimeout")];
    return `${repeat === null ? word : "interval"} of ${formatDuration(repeat ?? delay ?? 0)}`;
  }
  const id = number("pid") ?? number("threadId");
  return id === null ? word : `${word} ${id}`;
}

function call(resource: object, name: string): unknown {
  const method: unknown = Reflect.get(resource, name);
  return typeof method === "function" ? Reflect.apply(method, resource, []) : undefined;
}
