/** The kernel's tables of TCP and UDP sockets, /proc/net/tcp, tcp6, udp and udp6, in words (proc_pid_net(5)). */

/** In the order of their numbers, from 1: include/net/tcp_states.h. */
export const TCP_STATES = [
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
] as const;

type TcpState = (typeof TCP_STATES)[number];

export interface InternetSocket {
  /** "127.0.0.1:8080", "[::1]:8080"; an IPv4 address mapped into IPv6 as IPv4; port 0 as "*". */
  readonly local: string;
  readonly peer: string;
  readonly localPort: number;
  readonly state: TcpState;
  /** "0" where no process owns it: the kernel closes it, or nobody has accepted it yet. */
  readonly inode: string;
}

/** Lines that are none of such a table are left out, and so are those in TIME_WAIT: nobody's, and there may be 100 000. */
export function parseInternetSockets(text: string): InternetSocket[] {
  const sockets: InternetSocket[] = [];
  for (const line of text.split("\n")) {
    if (TIME_WAIT.test(line)) continue;
    const [, local = "", peer = "", state = "", , , , , , inode] = line.trim().split(/\s+/);
    const name = TCP_STATES[Number.parseInt(state, 16) - 1];
    if (!name || inode === undefined || !local.includes(":")) continue;
    const localPort = Number.parseInt(local.slice(local.indexOf(":") + 1), 16);
    sockets.push({ local: readAddress(local), peer: readAddress(peer), localPort, state: name, inode });
  }
  return sockets;
}

/** "  12: local:port peer:port 06 …" */
const TIME_WAIT = /^ *\d+: [0-9A-F:]+ [0-9A-F:]+ 06 /;

/** "0100007F:1F90": each group of 8 digits is 32 bits of the address, in this machine's own byte order. */
function readAddress(text: string): string {
  const [digits = "", port = ""] = text.split(":");
  const bytes = (digits.match(/.{8}/g) ?? []).flatMap(readWord);
  const number = Number.parseInt(port, 16);
  return `${formatAddress(bytes)}:${number === 0 ? "*" : number}`;
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function readWord(digits: string): number[] {
  const bytes = (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
  return LITTLE_ENDIAN ? bytes.reverse() : bytes;
}

function formatAddress(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join(".");
  // ::ffff:0:0/96, RFC 4291
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join(".");
  const groups = bytes.flatMap((byte, at) =>
    at % 2 ? [] : [((byte << 8) | (bytes[at + 1] ?? 0)).toString(16)],
  );
  return `[${shorten(groups)}]`;
}

/** The first longest run of two or more zero groups becomes "::" (RFC 5952). */
function shorten(groups: readonly string[]): string {
  const runs = [
    ...groups
      .map((group) => (group === "0" ? "0" : "x"))
      .join("")
      .matchAll(/00+/g),
  ];
  const longest = runs.reduce<RegExpMatchArray | null>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    null,
  );
  if (!longest) return groups.join(":");
  const start = longest.index ?? 0;
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + longest[0].length).join(":")}`;
}
