/** Docker's engine, for tests: with nothing but what lies in its own folder, and taken away with all that it has made. */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../../lib/engine/engine.ts";
import { needEngine } from "../../lib/engine/need-engine.ts";
import { endMarked, killIfThere, MARK_VARIABLE, markedProcesses } from "../../lib/host/marked-processes.ts";

const DAEMON = "/usr/sbin/dockerd";
const WITHIN_MS = 60_000;
const LOOK_MS = 50;

/** Why it cannot run here, or null. */
export function engineMissing(): string | null {
  if (!existsSync(DAEMON)) return "no dockerd: apt-get install docker.io";
  if (process.getuid?.() !== 0) return "dockerd needs root";
  return existsSync("/bin/busybox") ? null : "no busybox: apt-get install busybox-static";
}

/** As DOCKER_HOST has it. */
export function hostOf(folder: string): string {
  return `unix://${join(folder, "docker.sock")}`;
}

export async function openEngineIn(folder: string): Promise<Engine> {
  return (await needEngine({ DOCKER_HOST: hostOf(folder) })).engine;
}

/** Resolves when it answers. It touches no network, no firewall and nothing outside the folder but its control groups. */
export async function startEngine(folder: string, mark = randomBytes(8).toString("hex")): Promise<void> {
  const inside = (name: string) => join(folder, name);
  writeFileSync(inside("mark"), mark);
  writeFileSync(inside("config.json"), "{}");
  const log = openSync(inside("log"), "a", 0o600);
  const words = [
    ...["--config-file", inside("config.json"), "--host", hostOf(folder), "--pidfile", inside("pid")],
    ...["--data-root", inside("data"), "--exec-root", inside("exec"), "--bridge=none"],
    ...["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
    ...["--storage-driver=overlay2", "--exec-opt", "native.cgroupdriver=cgroupfs", "--shutdown-timeout", "5"],
  ];
  const child = spawn(DAEMON, words, {
    stdio: ["ignore", log, log],
    detached: true,
    env: { ...process.env, [MARK_VARIABLE]: mark },
  });
  child.unref();
  closeSync(log);
  const until = performance.now() + WITHIN_MS;
  for (;;) {
    const engine = await openEngineIn(folder).catch(() => null);
    if (engine) return engine.close();
    if (child.exitCode !== null || performance.now() > until)
      throw new Error(`dockerd did not come up:\n${readFileSync(inside("log"), "utf8").slice(-2000)}`);
    await delay(LOOK_MS);
  }
}

/** Tells it to end, and does not wait: for who is about to end himself. Null: it has ended already. */
export function tellToEnd(folder: string): number | null {
  const path = join(folder, "pid");
  if (!existsSync(path)) return null;
  const pid = Number(readFileSync(path, "utf8"));
  killIfThere(pid, "SIGTERM");
  return pid;
}

/** Ends the daemon alone, as an upgrade of it would; its containers end, too. */
export async function endDaemon(folder: string): Promise<void> {
  const pid = tellToEnd(folder);
  const until = performance.now() + WITHIN_MS;
  while (pid !== null && existsSync(`/proc/${pid}/exe`)) {
    if (performance.now() > until) throw new Error(`dockerd ${pid} did not end`);
    await delay(LOOK_MS);
  }
}

/** Removes every container, ends the daemon and all that it started, and leaves of the folder nothing. */
export async function stopEngine(folder: string): Promise<void> {
  const mark = readFileSync(join(folder, "mark"), "utf8");
  if (markedProcesses(mark).length > 0) {
    await removeContainers(folder).catch(() => {
      // it does not answer any more: its containers end with it
    });
    await endDaemon(folder);
  }
  await endMarked(mark);
  for (const mount of mountsBelow(folder)) execFileSync("umount", ["--lazy", mount]);
  rmSync(folder, { recursive: true, force: true });
}

async function removeContainers(folder: string): Promise<void> {
  const engine = await openEngineIn(folder);
  try {
    for (const id of await engine.all()) await engine.remove(id);
  } finally {
    await engine.close();
  }
}

/** The innermost first. */
function mountsBelow(folder: string): string[] {
  const points = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  return points.filter((point) => point.startsWith(`${folder}/`)).reverse();
}
