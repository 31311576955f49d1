/** Where clients connect: a URL of a server, on TCP, TLS or a Unix socket, read into what a socket and a request need. */

export interface Endpoint {
  /** As the user wrote it. */
  readonly url: string;
  /** What to connect to; null for a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** The path of a Unix socket, or null. */
  readonly socketPath: string | null;
  /** Whether TLS is spoken. */
  readonly secure: boolean;
  /** The value of the Host field (RFC 9110, 7.2). */
  readonly authority: string;
  /** Path and query that are asked for. */
  readonly target: string;
}

const PORTS: Readonly<Record<string, number>> = {
  "ws:": 80,
  "http:": 80,
  "wss:": 443,
  "https:": 443,
  "tcp:": 0,
};
const SECURE = new Set(["wss:", "https:"]);
const EXPECTED = "ws://, wss://, http://, https://, tcp://HOST:PORT or unix:/path[:/target]";

/**
 * Reads ws://, wss://, http://, https://, tcp://, and a Unix socket as unix:/path, with the target of the request after a
 * second colon: unix:/run/hub.sock:/events?token=x. The forms that a --target-url may have, and no other.
 */
export function readEndpoint(url: string): Endpoint {
  const [, socketPath, path = "/"] = /^unix:(\/[^:]+)(?::(\/.*))?$/s.exec(url) ?? [];
  if (socketPath !== undefined && URL.canParse(path, "http://localhost")) {
    const target = targetOf(new URL(path, "http://localhost"));
    return { url, host: "", port: 0, socketPath, secure: false, authority: "localhost", target };
  }
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const usual = PORTS[parsed?.protocol ?? ""];
  const port = Number(parsed?.port || usual);
  if (!parsed?.hostname || usual === undefined || !port)
    throw new Error(`Cannot connect: expected ${EXPECTED}, got "${url}"`);
  return {
    url,
    // an IPv6 address stands in brackets in a URL, and without them everywhere else
    host: parsed.hostname.replace(/^\[|\]$/g, ""),
    port,
    socketPath: null,
    secure: SECURE.has(parsed.protocol),
    authority: parsed.host,
    target: targetOf(parsed),
  };
}

/** Where connections really go: to the server, or through a network to it. */
export function reach(url: string, through?: Pick<Endpoint, "host" | "port">): Endpoint {
  const endpoint = readEndpoint(url);
  return through ? { ...endpoint, host: through.host, port: through.port, socketPath: null } : endpoint;
}

function targetOf({ pathname, search }: URL): string {
  return `${pathname || "/"}${search}`;
}
