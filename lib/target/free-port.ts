/** A TCP port of loopback on which nobody listens. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { readText } from "../host/read-text.ts";

/** Above the ports that well-known servers have. */
const LOWEST = 10_240;
const TRIES = 50;

/**
 * One below those that the kernel gives to outgoing connections, where there is one: while the target is down between two
 * starts, a client's own connection could take it otherwise.
 */
export async function findFreePort(): Promise<number> {
  const range = readText("/proc/sys/net/ipv4/ip_local_port_range") ?? "32768 60999";
  const firstEphemeral = Number(range.split(/\s+/)[0]);
  for (let attempt = 0; attempt < TRIES && firstEphemeral > LOWEST; attempt++) {
    const port = await bind(randomInt(LOWEST, firstEphemeral)).catch(() => null);
    if (port !== null) return port;
  }
  return bind(0);
}

async function bind(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: got } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return got;
}
