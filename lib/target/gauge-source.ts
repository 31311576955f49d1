/** Where a named gauge comes from, json:URL#/pointer and its like: the text that users write, read into what is asked. */
import { parseHealth, parsePattern } from "./address.ts";
import { parseSelector, type SeriesSelector } from "./prometheus-text.ts";

/** What is looked for in an answer. */
export type GaugePick =
  | { readonly kind: "json"; readonly pointer: readonly string[] }
  | { readonly kind: "prom"; readonly selector: SeriesSelector }
  | { readonly kind: "text"; readonly pattern: RegExp };

export type GaugeSource =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "http";
      readonly url: URL;
      readonly socketPath: string | null;
      readonly pick: GaugePick;
    };

/** What was expected, or null if a gauge may be called that. */
export function refuseGaugeName(name: string): string | null {
  return /^[A-Za-z][\w.-]{0,63}$/.test(name) ? null : "a name of at most 64 letters, digits, _, . and -";
}

/** What was expected, or null if this is a source. */
export function refuseGaugeSource(text: string): string | null {
  return parseGaugeSource(text.replaceAll("{port}", "1").replaceAll("{dir}", "/dir"))
    ? null
    : 'json:URL#/pointer, prom:URL#metric{label="x"}, text:URL#pattern-with-one-(group) or file:PATH';
}

export function parseGaugeSource(text: string): GaugeSource | null {
  const [, kind, rest = ""] = /^(json|prom|text|file):(.+)$/s.exec(text) ?? [];
  if (kind === "file") return { kind, path: rest };
  const hash = rest.indexOf("#");
  const address = hash === -1 ? null : parseHealth(rest.slice(0, hash));
  const pick = parsePick(kind, rest.slice(hash + 1));
  if (address?.kind !== "http" || !pick) return null;
  return { kind: "http", url: address.url, socketPath: address.socketPath, pick };
}

function parsePick(kind: string | undefined, text: string): GaugePick | null {
  if (kind === "json") {
    const pointer = parsePointer(text);
    return pointer && { kind, pointer };
  }
  if (kind === "prom") {
    const selector = parseSelector(text);
    return selector && { kind, selector };
  }
  const pattern = kind === "text" ? parsePattern(text) : null;
  // with an empty alternative it matches, and tells how many groups it has
  const groups = pattern ? (new RegExp(`${pattern.source}|`, pattern.flags).exec("")?.length ?? 0) - 1 : 0;
  return pattern && groups === 1 ? { kind: "text", pattern } : null;
}

/** RFC 6901: the steps into a document; "" is the whole of it. In a URL it may be percent-encoded (section 6). */
function parsePointer(text: string): string[] | null {
  let plain = text;
  try {
    plain = decodeURIComponent(text);
  } catch {
    // a percent sign that stands for itself
  }
  if (plain === "") return [];
  if (!plain.startsWith("/") || /~(?![01])/.test(plain)) return null;
  return plain
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
