/** What a socket is called in words: by its addresses, its state or its path (proc_pid_net(5)). */
import { plainText } from "./plain-text.ts";
import { readProcessFile } from "./process-files.ts";
import { type InternetSocket, parseInternetSockets } from "./tcp-sockets.ts";

/** By inode: "socket 127.0.0.1:8080 ← 127.0.0.1:52110 CLOSE_WAIT", "unix socket /run/x", "socket CLOSE, or of another family". */
export type SocketNames = (inode: string) => string;

/** The kernel's tables leave out a TCP socket whose both ends have closed, also where a descriptor still keeps it. */
const UNLISTED = "socket CLOSE, or of another family";

/** Of all sockets in the process's network namespace. */
export function readSocketNames(pid: number): SocketNames {
  const read = (table: string) => readProcessFile(pid, `net/${table}`) ?? "";
  const tcp = [...parseInternetSockets(read("tcp")), ...parseInternetSockets(read("tcp6"))];
  const udp = [...parseInternetSockets(read("udp")), ...parseInternetSockets(read("udp6"))];
  const unix = parseUnixSockets(read("unix"));
  const listening = new Set(tcp.filter(({ state }) => state === "LISTEN").map(({ localPort }) => localPort));
  const names = new Map<string, string>(unix);
  for (const socket of udp) names.set(socket.inode, nameUdp(socket));
  for (const socket of tcp) names.set(socket.inode, nameTcp(socket, listening.has(socket.localPort)));
  return (inode) => names.get(inode) ?? UNLISTED;
}

/** The arrow tells who has connected to whom. */
function nameTcp({ local, peer, state }: InternetSocket, accepted: boolean): string {
  if (state === "LISTEN") return `socket ${local} LISTEN`;
  if (state === "CLOSE") return "socket CLOSE";
  return `socket ${local} ${accepted ? "←" : "→"} ${peer} ${state}`;
}

function nameUdp({ local, peer, state }: InternetSocket): string {
  return state === "ESTABLISHED" ? `udp socket ${local} → ${peer}` : `udp socket ${local}`;
}

/** "Num RefCount Protocol Flags Type St Inode Path": the path may hold spaces, or not be there. */
function parseUnixSockets(text: string): [inode: string, name: string][] {
  return text.split("\n").flatMap((line): [string, string][] => {
    const [, flags, inode, path] =
      /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ [0-9A-F]+ +(\d+)(?: (.*))?$/.exec(line) ?? [];
    if (inode === undefined) return [];
    // __SO_ACCEPTCON
    const state = (Number.parseInt(flags ?? "0", 16) & 0x10000) === 0 ? "" : " LISTEN";
    return [[inode, path ? `unix socket ${plainText(path)}${state}` : "unix socket (unnamed)"]];
  });
}
