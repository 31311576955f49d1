/** Sockets of many clients in little memory: one buffer that all read into, and listeners that all share. */
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Endpoint } from "./endpoint.ts";
import { reset } from "./reset.ts";

/** A socket that knows whose it is. */
export interface ClientSocket extends Socket {
  owner: Owner;
  /** What its owner is at with it. */
  stage: number;
  /** Which one of its owner's it is. */
  index: number;
}

/** Who is told what happens to a socket. */
export interface Owner {
  onConnected(socket: ClientSocket): void;
  /** The bytes are good until this returns: the memory is used again. */
  onReceived(socket: ClientSocket, bytes: Buffer): void;
  /** With the errno; `onClosed` follows. */
  onFailed(socket: ClientSocket, code: string): void;
  onClosed(socket: ClientSocket): void;
}

/** What refuses a client for want of descriptors, ports or memory: a result, not an error. */
const LIMITS = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"]);

export function isLimit(code: string): boolean {
  return LIMITS.has(code);
}

export interface Dial {
  readonly endpoint: Endpoint;
  /** Where to instead of the endpoint's host: another address of the same server. */
  readonly host: string;
  readonly tls: ConnectionOptions;
  readonly owner: Owner;
  readonly index: number;
}

/**
 * Begins to connect. Of what a held connection takes (2 KB with Node 20), nearly all is Node's own Socket and
 * libuv's handle: so there are no other objects, no timer and only one closure for each.
 */
export function dial({ endpoint, host, tls, owner, index }: Dial): ClientSocket {
  const { port, socketPath, secure } = endpoint;
  if (secure) {
    const options = { ...tls, host, port, servername: tls.servername ?? nameOf(endpoint.host) };
    const socket = adopt(connectTls(options), owner, index).on("secureConnect", onConnect);
    return socket.on("data", onData);
  }
  const to = socketPath === null ? { host, port } : { path: socketPath };
  const socket = adopt(connectReading(to), owner, index);
  return socket.on("connect", onConnect);
}

/** A method, as an arrow function would get its name defined by tsx, which takes 300 bytes each; and nothing captured but the socket. */
function connectReading(to: NetConnectOpts): Socket {
  const socket: Socket = connect({
    ...to,
    onread: {
      buffer: READ_INTO,
      callback(bytes) {
        const own = socket as ClientSocket;
        own.owner.onReceived(own, READ_INTO.subarray(0, bytes));
        return true;
      },
    },
  });
  return socket;
}

/** Every read ends in its callback before the next one begins. */
const READ_INTO = Buffer.allocUnsafeSlow(65_536);

function adopt(socket: Socket, owner: Owner, index: number): ClientSocket {
  // Object.assign would do the same, five times slower
  const own = socket as ClientSocket;
  own.owner = owner;
  own.stage = 0;
  own.index = index;
  own.on("error", onError);
  own.on("close", onClose);
  return own;
}

/** SNI is for names (RFC 6066, 3). */
function nameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? "" : host;
}

function onConnect(this: ClientSocket): void {
  this.owner.onConnected(this);
}

function onData(this: ClientSocket, bytes: Buffer): void {
  this.owner.onReceived(this, bytes);
}

function onError(this: ClientSocket, error: NodeJS.ErrnoException): void {
  this.owner.onFailed(this, error.code ?? error.message);
}

function onClose(this: ClientSocket): void {
  this.owner.onClosed(this);
}

/** Without a word. TLS and Unix sockets have no RST: they are closed. */
export function close(
  socket: ClientSocket,
  how: "destroy" | "reset",
  { secure, socketPath }: Pick<Endpoint, "secure" | "socketPath">,
): void {
  if (how === "destroy" || secure || socketPath !== null) socket.destroy();
  else reset(socket);
}
