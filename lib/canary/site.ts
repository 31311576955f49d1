/** Where something was made: the first line of a stack that is neither the runtime's nor a library's. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Birth } from "./births.ts";

/** From a socket to its server, and to the turn in which that began to listen. */
const MOST_STEPS = 8;

/** "test/chat.test.ts:14:20 (openServer)"; a library's line where there is none of yours; null where there is neither. */
export function findSite(birth: Birth): string | null {
  let library: string | null = null;
  let at: Birth | undefined = birth;
  for (let step = 0; at && step < MOST_STEPS; step++, at = at.parent) {
    const frames = readFrames(at.stack());
    const own = frames.find((frame) => !frame.includes("node_modules"));
    if (own !== undefined) return own;
    library ??= frames[0] ?? null;
  }
  return library;
}

/** Whether an agent made it, node:http's or one of undici: they unref connections that wait for the next request. */
export function isOfAgent(birth: Birth): boolean {
  return /node:_http_agent|[\\/]undici[\\/]/.test(birth.stack());
}

/** Whether a Worker made it: a message port that lives and dies with the thread. */
export function isOfWorker(birth: Birth): boolean {
  return /new Worker \(node:internal/.test(birth.stack());
}

/** "    at openServer (file:///x/chat.test.ts:14:20)", "    at async file:///x/chat.test.ts:14:20" */
function readFrames(stack: string): string[] {
  return stack.split("\n").flatMap((line) => {
    const [, named, place = ""] =
      /^\s+at (?:async )?(?:(.+?) \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).+:\d+:\d+)\)?$/.exec(line) ?? [];
    if (place === "") return [];
    const path = place.startsWith("file:") ? fileURLToPath(place) : place;
    const shown = relative(process.cwd(), path);
    return [`${shown.startsWith("..") ? path : shown}${named ? ` (${named})` : ""}`];
  });
}
