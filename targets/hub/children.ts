/** Children that faults leave behind. Each ends by itself after a minute, should nobody find it. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that outlives the hub. */
export function leaveChild(): void {
  spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).unref();
}

/** A process that inherits the listening socket, so that its port stays taken when the hub has ended. */
export function leaveChildWithPort(url: string): void {
  const listening = findListening(Number(new URL(url).port));
  spawn("sleep", ["60"], { detached: true, stdio: ["ignore", "ignore", "ignore", listening] }).unref();
}

/** A process whose own child has ended and is never waited for: a zombie. Both go with the hub. */
export function leaveZombie(): void {
  const child = spawn("sh", ["-c", "sleep 0 & exec sleep 60"], { stdio: "ignore" });
  child.unref();
  process.once("exit", () => child.kill("SIGKILL"));
}

/** The descriptor that listens on the port: proc_pid_net(5) has its inode, /proc/self/fd what points there. */
function findListening(port: number): number {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = ["tcp", "tcp6"].flatMap((name) => readFileSync(`/proc/self/net/${name}`, "utf8").split("\n"));
  const inodes = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${hexPort}`) && state === "0A")
    .map((fields) => `socket:[${fields[9]}]`);
  for (const name of readdirSync("/proc/self/fd"))
    if (inodes.includes(readTarget(`/proc/self/fd/${name}`))) return Number(name);
  throw new Error(`Cannot find the socket that listens on ${port}: expected it in /proc/self/fd`);
}

function readTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // the descriptor that listed the folder
    return "";
  }
}
