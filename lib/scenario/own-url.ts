/** Options that are URLs of the target's own, which a scenario asks while it goes on: on this machine, or where the target is. */
import { remoteHost } from "../target/address.ts";
import type { TargetSpec } from "../target/spec.ts";
import type { Option } from "./option.ts";
import { text } from "./text-options.ts";

const ANY_PORT = "1";

export function ownUrl(help: string): Option<string> {
  return text({
    default: "",
    placeholder: "URL",
    help,
    accepts: (url) =>
      /^https?:$/.test(parse(url)?.protocol ?? "") ? null : "http://HOST:PORT/… or https://HOST:PORT/…",
  });
}

/** By option: there is none of the hub's to say, and none may lead to another machine than the target. */
export function refuseOwnUrls(
  target: TargetSpec | null,
  urls: Readonly<Record<string, string | null>>,
): string[] {
  return Object.entries(urls).flatMap(([name, url]) => {
    if (url === null) return [];
    if (target === null)
      return [`Cannot take --${name} with the reference hub: expected it with a target of yours`];
    const host = remoteHost(url);
    return host === null || host === remoteHost(target.url ?? "")
      ? []
      : [`Cannot ask --${name} at ${host}: expected this machine, or where the target is`];
  });
}

/** Null stays null. */
export function fillPort(url: string | null, port: number | null): string | null {
  return url?.replaceAll("{port}", String(port ?? ANY_PORT)) ?? null;
}

function parse(url: string): URL | null {
  const filled = fillPort(url, null) ?? "";
  return URL.canParse(filled) ? new URL(filled) : null;
}
