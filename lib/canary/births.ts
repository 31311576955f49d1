/** Follows what is made while a test runs, with the stack of its making, without keeping any of it alive. */
import { createHook } from "node:async_hooks";
import { KINDS } from "./kinds.ts";

export interface Birth {
  /** As async_hooks calls it. */
  readonly type: string;
  /** The handle itself, for as long as somebody else keeps it. */
  resource(): object | undefined;
  /** Formatted when it is asked for only: that is what costs. */
  stack(): string;
  /** What it was made by: the server of an accepted socket, the turn in which a server began to listen. */
  readonly parent: Birth | undefined;
}

export interface Births {
  list(): readonly Birth[];
  stop(): void;
}

/** `listen(0, "127.0.0.1")` makes its handle a turn later, so turns have stacks too: the first ones, as each costs 7 µs. */
const MOST_TURNS = 1000;
/** Through a library's frames to the one of whoever called it. */
const FRAMES = 30;
/** From so many on, those that are gone are forgotten now and then. */
const MANY = 4096;

/** Until it is stopped. The hook looks at nothing of a resource: at this moment, reading a handle's `fd` ends the process. */
export function followBirths(): Births {
  const known = new Map<number, Birth>();
  let turns = 0;
  let tidyAt = MANY;
  const hook = createHook({
    init: function init(id, type, trigger, resource) {
      const isTurn = type === "TickObject" && turns < MOST_TURNS;
      if (!isTurn && !isFollowed(type)) return;
      if (isTurn) turns++;
      const ref = new WeakRef(resource);
      const stack = captureStack(init);
      known.set(id, { type, resource: () => ref.deref(), stack, parent: known.get(trigger) });
      if (known.size < tidyAt) return;
      forgetTheDead(known);
      tidyAt = Math.max(MANY, known.size * 2);
    },
  }).enable();
  return {
    list: () => [...known.values()].filter(({ type }) => isFollowed(type)),
    stop: () => void hook.disable(),
  };
}

/** Deno tells of some handles only, and not to the end. */
function isFollowed(type: string): boolean {
  return process.versions.deno ? type === "Timeout" : KINDS.has(type);
}

function captureStack(above: (...args: never[]) => unknown): () => string {
  const holder = { stack: "" };
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(holder, above);
  Error.stackTraceLimit = limit;
  return () => String(holder.stack);
}

function forgetTheDead(known: Map<number, Birth>): void {
  for (const [id, birth] of known) if (birth.resource() === undefined) known.delete(id);
}
