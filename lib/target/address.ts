/** Where a target is reached, asked for its health or known to be ready: the forms that an address may have. */
import { isIPv4 } from "node:net";

/** How to reach something: by TCP, by a unix socket, or by HTTP over either. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "http";
      readonly url: URL;
      readonly socketPath: string | null;
      /** Sent with each question. */
      readonly headers?: Readonly<Record<string, string>>;
    };

/** What a connection needs. */
export type Place = Exclude<Address, { kind: "http" }>;

export type ReadyCheck = Address | { readonly kind: "output"; readonly pattern: RegExp };

const HTTP_PORTS: Record<string, number> = { "http:": 80, "ws:": 80, "https:": 443, "wss:": 443 };

/** What was expected of a --target-url, or null if this is one. Placeholders may stand in it. */
export function refuseUrl(text: string): string | null {
  return parseUrl(fillAny(text))
    ? null
    : "ws://, wss://, http:// or https://HOST:PORT/…, tcp://HOST:PORT or unix:/PATH";
}

/** What was expected of a --target-ready. */
export function refuseReady(text: string): string | null {
  return parseReady(fillAny(text))
    ? null
    : "http://HOST:PORT/…, tcp:PORT, tcp://HOST:PORT, unix:/PATH, unix:/PATH:/HTTP-PATH or output:REGULAR-EXPRESSION";
}

/** What was expected of a --target-health. */
export function refuseHealth(text: string): string | null {
  return parseHealth(fillAny(text))
    ? null
    : "http:// or https://HOST:PORT/…, tcp://HOST:PORT, unix:/PATH or unix:/PATH:/HTTP-PATH";
}

/** What was expected of a --target-inspector. */
export function refuseInspector(text: string): string | null {
  return /^(\[[0-9a-f:]+\]|[\w.-]+):\d+$/i.test(fillAny(text)) ? null : "HOST:PORT";
}

/** Where a connection to it goes. */
export function connectionOf(address: Address): Place {
  if (address.kind !== "http") return address;
  if (address.socketPath !== null) return { kind: "unix", path: address.socketPath };
  const { hostname, port, protocol } = address.url;
  return {
    kind: "tcp",
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (HTTP_PORTS[protocol] ?? 0),
  };
}

/** Whether both are the same server, as far as their addresses tell: what is meant for the one may be sent to the other. */
export function isSamePlace(one: Address, other: Address): boolean {
  return JSON.stringify(connectionOf(one)) === JSON.stringify(connectionOf(other));
}

/** Where clients connect: the address behind a --target-url. A unix socket stands for itself, whatever is spoken there. */
export function parseUrl(text: string): Address | null {
  if (text.startsWith("unix:")) return parseUnix(text);
  return parseTcp(text) ?? parseNetwork(text, ["ws:", "wss:", "http:", "https:"]);
}

export function parseHealth(text: string): Address | null {
  if (text.startsWith("unix:")) return parseUnix(text);
  const url = parseHttp(text);
  return url ? { kind: "http", url, socketPath: null } : parseTcp(text);
}

export function parseReady(text: string): ReadyCheck | null {
  if (text.startsWith("output:")) {
    const pattern = parsePattern(text.slice("output:".length));
    return pattern && { kind: "output", pattern };
  }
  const port = /^tcp:(\d+)$/.exec(text)?.[1];
  return port ? tcp("127.0.0.1", Number(port)) : parseHealth(text);
}

function parseHttp(text: string): URL | null {
  const url = readUrl(text);
  return url && (url.protocol === "http:" || url.protocol === "https:") && url.hostname ? url : null;
}

export function parsePattern(text: string): RegExp | null {
  if (text === "") return null;
  try {
    return new RegExp(text, "u");
  } catch {
    // what is no pattern with the u flag may be one without: \- for one
    try {
      return new RegExp(text);
    } catch {
      return null;
    }
  }
}

/** The host that this text would connect to, if that is not this very machine by loopback; else null. */
export function remoteHost(text: string): string | null {
  if (text.startsWith("unix:") || text.startsWith("output:") || text.startsWith("file:")) return null;
  if (/^tcp:\d+$/.test(fillAny(text))) return null;
  const host = readUrl(fillAny(text))?.hostname.replace(/^\[|\]$/g, "");
  if (!host) return null;
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127.")) ? null : host;
}

/** unix:/PATH, or unix:/PATH:/HTTP-PATH, as curl's --unix-socket and a path in one. */
function parseUnix(text: string): Address | null {
  const match = /^unix:(\/[^:]+)(?::(\/.*))?$/s.exec(text);
  if (!match?.[1]) return null;
  if (match[2] === undefined) return { kind: "unix", path: match[1] };
  const url = readUrl(match[2], "http://localhost");
  return url && { kind: "http", url, socketPath: match[1] };
}

function parseTcp(text: string): Address | null {
  const url = text.startsWith("tcp://") ? readUrl(text) : null;
  return url?.port ? tcp(url.hostname, Number(url.port)) : null;
}

function parseNetwork(text: string, protocols: readonly string[]): Address | null {
  const url = readUrl(text);
  if (!url?.hostname || !protocols.includes(url.protocol)) return null;
  return tcp(url.hostname, Number(url.port || HTTP_PORTS[url.protocol]));
}

function tcp(hostname: string, port: number): Address | null {
  // an IPv6 address stands in brackets in a URL only
  const host = hostname.replace(/^\[|\]$/g, "");
  return host && port > 0 && port < 65_536 ? { kind: "tcp", host, port } : null;
}

/** URL.parse came with Node 22.1. */
export function readUrl(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null;
}

/** For looking at the form alone: any port and any folder. */
function fillAny(text: string): string {
  return text.replaceAll("{port}", "1").replaceAll("{port2}", "2").replaceAll("{dir}", "/dir");
}
